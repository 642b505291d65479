import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { ApiProblem, answerOf, type Fact, type LoggedFact } from '../../client/client.ts';
import { createEventReader } from '../../client/event-reader.ts';
import { createApi } from '../api.ts';
import { type Cli, print } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { minute, plain } from '../output/columns.ts';
import { createProgress } from '../output/progress.ts';
import { type ServiceWishes, serviceOf, withService } from './service.ts';

/** The log of a running service: as it grows, and as a file. */

interface FilterWishes extends ServiceWishes {
  readonly system?: string;
  readonly stream?: string;
  readonly types?: string;
}

const withFilter = (command: Command): Command =>
  command
    .option('--system <id>', 'of one site')
    .option('--stream <id>', 'of one stream, for example training-job-0197…')
    .option('--types <list>', 'types of facts, with commas: JobDeployed,JobKept');

const filterOf = ({ system, stream, types }: FilterWishes) => ({
  ...(system === undefined ? {} : { systemId: system }),
  ...(stream === undefined ? {} : { stream }),
  ...(types === undefined ? {} : { types }),
});

/** As long as timers can: a stream has no end. */
const ENDLESS_MS = 2 ** 31 - 1;
const RETRY_MS = 2_000;
const SHOWN_DATA = 120;

function printFact(text: string, { json }: ServiceWishes, { stdout }: Cli): void {
  if (json) {
    print(stdout, [text]);
    return;
  }
  const { at, systemId, streamId, version, type, data }: Fact = JSON.parse(text);
  const whole = plain(JSON.stringify(data));
  const about = whole.length > SHOWN_DATA ? `${whole.slice(0, SHOWN_DATA)}…` : whole;
  print(stdout, [[minute(at), systemId ?? '–', `${streamId}@${version}`, type, about].join('  ')]);
}

const isRefusal = (error: unknown): boolean => error instanceof ApiProblem && error.status < 500;

/** Follows the log until Ctrl-C; comes back by itself where a connection ended, and misses nothing. */
async function tail(wishes: FilterWishes & { readonly from?: string }, cli: Cli): Promise<void> {
  const api = createApi(wishes, cli, ENDLESS_MS);
  let lastId = wishes.from;
  const follow = async (): Promise<void> => {
    const after = lastId === undefined ? {} : { lastEventId: Number(lastId) };
    const query = { ...filterOf(wishes), ...after };
    const body = await answerOf(api.GET('/api/v1/stream', { params: { query }, parseAs: 'stream' }));
    const reader = createEventReader(({ event, data }) => {
      if (event !== 'closed') printFact(data, wishes, cli);
    });
    const decoder = new TextDecoder();
    for await (const bytes of body as unknown as ReadableStream<Uint8Array>) {
      reader.feed(decoder.decode(bytes, { stream: true }));
      if (reader.lastId() !== '') lastId = reader.lastId();
    }
  };
  let waiting = false;
  const lost = (error: unknown): void => {
    // Nothing was heard yet: the address or the token is wrong.
    if (isRefusal(error) || lastId === undefined) throw error;
    if (!waiting) cli.stderr.write('  no connection: trying again\n');
    waiting = true;
  };
  while (!cli.signal.aborted) {
    await follow().then(
      () => {
        waiting = false;
      },
      (error: unknown) => (cli.signal.aborted ? undefined : lost(error)),
    );
    await wait(RETRY_MS, undefined, { signal: cli.signal }).catch(() => undefined);
  }
}

function tailCommand(cli: Cli): Command {
  const command = new Command('tail')
    .description('Shows facts as they happen, until Ctrl-C; with --json a line of JSON each.')
    .option('--from <seq>', 'after this place in the log (default: what happens from now on)');
  return withService(
    withFilter(command).action((wishes: FilterWishes) => tail(wishes, cli)),
    'ml:read',
    ['lifo4-ml events tail --system plant-7', 'lifo4-ml events tail --from 0 --types AlertOpened --json'],
  );
}

const PAGE = 1_000;

async function* facts(wishes: FilterWishes, cli: Cli): AsyncGenerator<readonly LoggedFact[]> {
  const { api } = serviceOf(wishes, cli);
  let cursor = '0';
  for (;;) {
    const query = { ...filterOf(wishes), limit: PAGE, cursor };
    const { items, nextCursor, atEnd } = await answerOf(api.GET('/api/v1/events', { params: { query } }));
    yield items;
    if (atEnd) return;
    cursor = nextCursor;
  }
}

const linesOf = (page: readonly LoggedFact[]): string =>
  page.map((fact) => `${JSON.stringify(fact)}\n`).join('');

async function exportTo(out: string | undefined, wishes: FilterWishes, cli: Cli): Promise<void> {
  const file =
    out === undefined
      ? null
      : await open(out, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
          const problem =
            error.code === 'EEXIST'
              ? 'exists already: name another file'
              : `cannot be written (${error.code})`;
          throw new UsageError(`--out: ${out} ${problem}`, { cause: error });
        });
  const progress = createProgress(cli, false);
  try {
    let count = 0;
    for await (const page of facts(wishes, cli)) {
      if (file === null) cli.stdout.write(linesOf(page));
      else await file.write(linesOf(page));
      count += page.length;
      if (file !== null) progress.bar('facts', 0, String(count));
    }
    await file?.sync();
    progress.close();
    print(cli.stderr, [`  ${count} facts${out === undefined ? '' : ` in ${out}`}`]);
  } finally {
    progress.close();
    await file?.close();
  }
}

function exportCommand(cli: Cli): Command {
  const command = new Command('export')
    .description(
      'Writes the facts of the log as lines of JSON, in its order, as the log holds them; "lifo4-ml replay --file" folds them without the service.',
    )
    .option('--out <file>', 'a new file (default: standard output)')
    .action((wishes: FilterWishes & { readonly out?: string }) => exportTo(wishes.out, wishes, cli));
  return withService(withFilter(command), 'ml:read', [
    'lifo4-ml events export --out log.jsonl',
    'lifo4-ml events export --system plant-7 | gzip > plant-7.jsonl.gz',
  ]);
}

/** `lifo4-ml events tail|export` */
export function eventsCommand(cli: Cli): Command {
  return new Command('events')
    .summary('follow the log, or write it to a file')
    .description('Follows the log of a running service, or writes it to a file.')
    .addCommand(tailCommand(cli))
    .addCommand(exportCommand(cli));
}
