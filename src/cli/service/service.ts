import type { Command } from 'commander';
import { type ApiClient, answerOf } from '../../client/client.ts';
import { type ApiWishes, createApi } from '../api.ts';
import { type Cli, print, printJson } from '../cli.ts';
import { jsonOption, wholeNumber, withExamples } from '../options.ts';

/** What commands on a running service have in common. */

export interface ServiceWishes extends ApiWishes {
  readonly json?: true;
}

export interface ListWishes extends ServiceWishes {
  readonly limit: number;
  readonly all?: true;
}

const LONGEST_LIST = 10_000;
const SHOWN = 20;
const PAGE = 200;

/** Options of every command that asks a service; `scope` is what its token needs. */
export const withService = (command: Command, scope: string, examples: readonly string[]): Command =>
  withExamples(
    command
      .option('--url <address>', 'the service (default: http://127.0.0.1:8420, or LIFO4_URL)')
      .option('--token <token>', `a token with the scope ${scope} (default: LIFO4_TOKEN)`)
      .addOption(jsonOption()),
    examples,
  );

export const withLimit = (command: Command): Command =>
  command
    .option('--limit <number>', 'how many at most', wholeNumber(1, LONGEST_LIST), SHOWN)
    .option('--all', 'all there are');

/** What lists of one site, or in one status, ask for. */
export const siteFilter = <Status extends string>({
  system,
  status,
}: {
  readonly system?: string;
  readonly status?: Status;
}): { readonly systemId?: string; readonly status?: Status } => ({
  ...(system === undefined ? {} : { systemId: system }),
  ...(status === undefined ? {} : { status }),
});

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/** Reads pages until the list ends or has as many as were asked for. */
export async function listOf<Item>(
  { limit, all }: Pick<ListWishes, 'limit' | 'all'>,
  page: (query: PageQuery) => Promise<Page<Item>>,
): Promise<{ readonly items: readonly Item[]; readonly more: boolean }> {
  const most = all ? Number.POSITIVE_INFINITY : limit;
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const after: { cursor?: string } = cursor === null ? {} : { cursor };
    const read: Page<Item> = await page({ limit: Math.min(PAGE, most - items.length), ...after });
    items.push(...read.items);
    cursor = read.nextCursor;
  } while (cursor !== null && items.length < most);
  return { items, more: cursor !== null };
}

/** Prints a list: JSON for programs; for people `lines`, and how to see the rest. */
export function printList<Item>(
  { items, more }: { readonly items: readonly Item[]; readonly more: boolean },
  { json }: ServiceWishes,
  cli: Cli,
  lines: (items: readonly Item[]) => readonly string[],
): void {
  if (json) printJson(cli.stdout, items);
  else if (items.length === 0) print(cli.stderr, ['  none']);
  else print(cli.stdout, lines(items));
  if (more) print(cli.stderr, [`  the first ${items.length}; --all shows all`]);
}

/** Prints one thing: JSON for programs, `lines` for people. */
export function printOne<One>(
  one: One,
  { json }: ServiceWishes,
  cli: Cli,
  lines: (one: One) => readonly string[],
): void {
  if (json) printJson(cli.stdout, one);
  else print(cli.stdout, lines(one));
}

export interface Service {
  readonly api: ApiClient;
  readonly cli: Cli;
}

export const serviceOf = (wishes: ServiceWishes, cli: Cli): Service => ({ api: createApi(wishes, cli), cli });

export { answerOf };
