import { Command, InvalidArgumentError } from 'commander';
import type { ReplayedStream, ReplayOptions } from '../../main/replay-file.ts';
import { type Cli, print, printJson } from '../cli.ts';
import { Refused, UsageError } from '../failure.ts';
import { jsonOption, withExamples } from '../options.ts';
import { columnLines, minute, plain } from '../output/columns.ts';

interface ReplayWishes extends ReplayOptions {
  readonly file: string;
  readonly json?: true;
}

function instant(text: string): string {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError('Write an instant, for example 2026-10-15T12:00:00Z.');
  return new Date(at).toISOString();
}

const streamRow = ({ streamId, machine, facts, state, broken }: ReplayedStream): string[] => [
  ...[streamId, machine, String(facts), state, broken ?? ''],
];

const answerText = (holds: boolean | null): string => {
  if (holds === null) return 'open';
  return holds ? 'holds' : 'does not hold';
};

function stepLines({ steps }: ReplayedStream): readonly string[] {
  const rows = steps.map(({ version, at, type, from, to, effects, guards }) => [
    ...[String(version), minute(at), type, from === to ? to : `${from} → ${to}`],
    effects.map((effect) => effect.type).join(', '),
    guards.map(({ name, holds }) => `${name} ${answerText(holds)}`).join(', '),
  ]);
  return ['', ...columnLines(['', 'at', 'fact', 'state', 'asks for', 'conditions'], rows)];
}

function refuseUnfound(error: unknown, file: string): never {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'EISDIR' || code === 'EACCES')
    throw new UsageError(`--file: ${file} cannot be read (${code})`, { cause: error });
  throw error;
}

function show(streams: readonly ReplayedStream[], { stdout }: Cli): void {
  print(stdout, columnLines(['stream', 'machine', 'facts', 'state', ''], streams.map(streamRow)));
  for (const stream of streams) if (stream.steps.length > 0) print(stdout, stepLines(stream));
}

async function replay({ file, json, ...options }: ReplayWishes, cli: Cli): Promise<void> {
  const { replayFile } = await import('../../main/replay-file.ts');
  const streams = await replayFile(file, options).catch((error: unknown) => refuseUnfound(error, file));
  if (options.stream !== undefined && streams.length === 0)
    throw new Refused('no-such-stream', `${file} has no facts of the stream ${plain(options.stream)}`);
  if (json) {
    printJson(cli.stdout, streams);
    return;
  }
  show(streams, cli);
  const broken = streams.filter((stream) => stream.broken !== null).length;
  if (broken > 0)
    throw new Refused(
      'broken-history',
      `${broken} of ${streams.length} streams cannot be folded to their end`,
    );
}

/** `lifo4-ml replay` */
export function replayCommand(cli: Cli): Command {
  const command = new Command('replay')
    .summary('fold an exported log without a service')
    .description(
      'Folds an exported log with the machines that run in production, without a service or a database: every stream’s state, or one stream step by step.',
    )
    .requiredOption('--file <file>', 'what "lifo4-ml events export" wrote; .gz too')
    .option('--stream <id>', 'one stream, step by step')
    .option('--until <instant>', 'as it stood at this instant', instant)
    .addOption(jsonOption())
    .action((wishes: ReplayWishes) => replay(wishes, cli));
  return withExamples(command, [
    'lifo4-ml replay --file log.jsonl',
    'lifo4-ml replay --file log.jsonl --stream training-job-0197… --until 2026-10-15T12:00:00Z',
  ]);
}
