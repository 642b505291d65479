import { setTimeout as pause } from 'node:timers/promises';
import { Command, Option } from 'commander';
import {
  type ApiClient,
  answerOf,
  type Rollout,
  type RolloutPlan,
  type RolloutSite,
} from '../../client/client.ts';
import { type ApiWishes, createApi } from '../api.ts';
import { type Cli, print, printJson } from '../cli.ts';
import { Refused } from '../failure.ts';
import { jsonOption, wholeNumber, withExamples } from '../options.ts';
import { createProgress } from '../output/progress.ts';
import { countsLine, listLines, planLines, rolloutLines, settled, siteLines } from '../rollout/lines.ts';
import { type RolloutWishes, requestOf, withRules } from '../rollout/wishes.ts';

/** Commands for staged rollouts, over the API of a running service. */

interface Wishes extends ApiWishes {
  readonly json?: true;
}

const ROLLOUT = '/api/v1/rollouts/{rolloutId}';
const PLAN_MS = 5 * 60_000;
const PAGE = 200;

const withApi = (command: Command, scope: string): Command =>
  command
    .option('--url <address>', 'the service (default: http://127.0.0.1:8420, or LIFO4_URL)')
    .option('--token <token>', `a token with the scope ${scope} (default: LIFO4_TOKEN)`)
    .addOption(jsonOption());

const readRollout = (api: ApiClient, rolloutId: string): Promise<Rollout> =>
  answerOf(api.GET(ROLLOUT, { params: { path: { rolloutId } } }));

function tell(cli: Cli, { json }: Wishes, value: unknown, lines: readonly string[]): void {
  if (json) printJson(cli.stdout, value);
  else print(cli.stdout, lines);
}

function planCommand(cli: Cli): Command {
  const command = new Command('plan')
    .description('Shows what a rollout would do, site by site, and begins nothing.')
    .argument(
      '[sites...]',
      'sites in their order, as SITE or SITE@VERSION (default: every site with a newer version)',
    )
    .action(async (sites: readonly string[], wishes: Wishes & RolloutWishes) => {
      const api = createApi(wishes, cli, PLAN_MS);
      const answer = await answerOf(api.POST('/api/v1/rollouts', { body: requestOf(sites, wishes, true) }));
      // With `dryRun` the service answers the plan.
      const plan = answer as RolloutPlan;
      tell(cli, wishes, plan, planLines(plan));
    });
  return withExamples(withApi(withRules(command), 'ml:deploy'), [
    'lifo4-ml rollout plan',
    'lifo4-ml rollout plan plant-7 plant-8@1.3.0 --stages 1,100%',
  ]);
}

function startCommand(cli: Cli): Command {
  const command = new Command('start')
    .description('Begins a rollout: in shadow, to one site, to a share, to all.')
    .argument(
      '[sites...]',
      'sites in their order, as SITE or SITE@VERSION (default: every site with a newer version)',
    )
    .option('--idempotency-key <key>', 'repeating the command with the same key begins nothing anew')
    .action(
      async (
        sites: readonly string[],
        wishes: Wishes & RolloutWishes & { readonly idempotencyKey?: string },
      ) => {
        const api = createApi(wishes, cli, PLAN_MS);
        const { idempotencyKey: key } = wishes;
        const header = key === undefined ? {} : { 'idempotency-key': key };
        const answer = await answerOf(
          api.POST('/api/v1/rollouts', { params: { header }, body: requestOf(sites, wishes, false) }),
        );
        // Without `dryRun` the service answers the rollout.
        const rollout = answer as Rollout;
        tell(cli, wishes, rollout, rolloutLines(rollout));
      },
    );
  return withExamples(withApi(withRules(command), 'ml:deploy'), [
    'lifo4-ml rollout start --note "trained with prices" --window 1-5 --failures 2 --on-breach abort',
    'lifo4-ml rollout start plant-7@1.3.0 plant-8@1.3.0 --shadow-days 0',
  ]);
}

async function allSites(api: ApiClient, rolloutId: string): Promise<readonly RolloutSite[]> {
  const found: RolloutSite[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const page = await answerOf(api.GET(`${ROLLOUT}/sites`, { params: { path: { rolloutId }, query } }));
    found.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

async function status(rolloutId: string | undefined, wishes: Wishes, cli: Cli): Promise<void> {
  const api = createApi(wishes, cli);
  if (rolloutId === undefined) {
    const { items } = await answerOf(api.GET('/api/v1/rollouts', { params: { query: {} } }));
    tell(cli, wishes, items, listLines(items));
    return;
  }
  const [rollout, sites] = await Promise.all([readRollout(api, rolloutId), allSites(api, rolloutId)]);
  tell(cli, wishes, { ...rollout, items: sites }, [...rolloutLines(rollout), '', ...siteLines(sites)]);
}

function statusCommand(cli: Cli): Command {
  const command = new Command('status')
    .description('Lists the latest rollouts, or shows one with each of its sites.')
    .argument('[rollout]', 'id of the rollout')
    .action((rolloutId: string | undefined, wishes: Wishes) => status(rolloutId, wishes, cli));
  return withExamples(withApi(command, 'ml:read'), [
    'lifo4-ml rollout status',
    'lifo4-ml rollout status 6d0c2f0e-…',
  ]);
}

/** Whether the rollout goes on by itself. */
const goesOn = ({ status: state }: Rollout): boolean => ['rolling', 'soaking', 'reverting'].includes(state);

const shareOf = ({ counts, sites }: Rollout): number => {
  const done = counts.reverting + counts.reverted + counts.notReverted + settled(counts);
  return sites === 0 ? 0 : done / sites;
};

async function watch(
  rolloutId: string,
  wishes: Wishes & { readonly every: number },
  cli: Cli,
): Promise<void> {
  const api = createApi(wishes, cli);
  const progress = createProgress(cli, wishes.json === true);
  let rollout = await readRollout(api, rolloutId);
  try {
    while (goesOn(rollout)) {
      progress.bar(
        'sites',
        Math.min(shareOf(rollout), 0.99),
        `${rollout.stage}: ${countsLine(rollout.counts)}`,
      );
      await pause(wishes.every * 1000, undefined, { signal: cli.signal }).catch(() =>
        cli.signal.throwIfAborted(),
      );
      rollout = await readRollout(api, rolloutId);
    }
  } finally {
    progress.close();
  }
  tell(cli, wishes, rollout, rolloutLines(rollout));
  if (rollout.status !== 'completed')
    throw new Refused(
      `rollout-${rollout.status}`,
      `the rollout is ${rollout.status}: ${rollout.reason ?? ''}`,
    );
}

function watchCommand(cli: Cli): Command {
  const command = new Command('watch')
    .description('Follows a rollout until it is completed; ends with 1 when it is paused or aborted.')
    .argument('<rollout>', 'id of the rollout')
    .addOption(
      new Option('--every <seconds>', 'how often to look').argParser(wholeNumber(1, 3600)).default(2),
    )
    .action((rolloutId: string, wishes: Wishes & { readonly every: number }) =>
      watch(rolloutId, wishes, cli),
    );
  return withExamples(withApi(command, 'ml:read'), ['lifo4-ml rollout watch 6d0c2f0e-…']);
}

const MOVES = {
  pause: 'Pauses a rollout: nothing new is offered until it is resumed.',
  resume: 'Lets a paused rollout go on; what a threshold counted until now counts no more.',
  abort: 'Ends a rollout, and offers every updated site what it ran before.',
} as const;

function moveCommand(cli: Cli, move: keyof typeof MOVES): Command {
  const command = new Command(move)
    .description(MOVES[move])
    .argument('<rollout>', 'id of the rollout')
    .requiredOption('--reason <text>', 'for the record, 3 characters or more')
    .action(async (rolloutId: string, wishes: Wishes & { readonly reason: string }) => {
      const { reason } = wishes;
      const params = { path: { rolloutId } };
      const call = createApi(wishes, cli).POST(`${ROLLOUT}/${move}`, { params, body: { reason } });
      const rollout = await answerOf(call);
      tell(cli, wishes, rollout, rolloutLines(rollout));
    });
  const example = `lifo4-ml rollout ${move} 6d0c2f0e-… --reason "a bad batch of data"`;
  return withExamples(withApi(command, 'ml:deploy'), [example]);
}

/** `lifo4-ml rollout plan|start|status|watch|pause|resume|abort` */
export function rolloutCommand(cli: Cli): Command {
  return new Command('rollout')
    .summary('roll versions out over many sites in stages, watch it, take it back')
    .description(
      'Rolls model versions out over many sites, stage by stage, over the API of a running service.',
    )
    .addCommand(planCommand(cli))
    .addCommand(startCommand(cli))
    .addCommand(statusCommand(cli))
    .addCommand(watchCommand(cli))
    .addCommand(moveCommand(cli, 'pause'))
    .addCommand(moveCommand(cli, 'resume'))
    .addCommand(moveCommand(cli, 'abort'));
}
