import { Command, InvalidArgumentError, Option } from 'commander';
import type { Alert, NewSilence, SilenceList } from '../../client/client.ts';
import { type Cli, print, printJson } from '../cli.ts';
import { columnLines, figure, minute } from '../output/columns.ts';
import {
  answerOf,
  type ListWishes,
  listOf,
  printList,
  printOne,
  type ServiceWishes,
  serviceOf,
  siteFilter,
  withLimit,
  withService,
} from './service.ts';

/** Alerts on sites' forecasts, over the API of a running service. */

const RULES: readonly Alert['rule'][] = ['daily-mape', 'weekly-rmse', 'hour-errors', 'wrong-unit'];
const STATES: readonly Alert['status'][] = ['open', 'acknowledged', 'resolved'];
const HOUR_MS = 3_600_000;
const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24 };

const evidenceOf = ({ evidence: { limit, days, hours, suspectHours } }: Alert): string => {
  const errors = days.map(({ error }) => figure(error, 1)).join(' ');
  const certain = hours.map(({ hour, error }) => `${hour}h ${figure(error, 1)} %`).join(', ');
  const parts = [errors, certain, suspectHours > 0 ? `${suspectHours} h in doubt` : ''];
  return `${parts.filter((part) => part !== '').join('; ')} (limit ${figure(limit, 1)})`;
};

const rowOf = (alert: Alert): string[] => [
  ...[alert.alertId, alert.systemId, alert.rule, alert.status, minute(alert.openedAt)],
  ...[evidenceOf(alert), alert.actions.join(', ')],
];
const HEADER = ['alert', 'site', 'rule', 'status', 'opened', 'evidence', 'what to do'];

interface AlertsWishes extends ListWishes {
  readonly system?: string;
  readonly status?: Alert['status'];
}

async function list(wishes: AlertsWishes, cli: Cli): Promise<void> {
  const { api } = serviceOf(wishes, cli);
  const filter = siteFilter(wishes);
  const found = await listOf(wishes, (page) =>
    answerOf(api.GET('/api/v1/ml/alerts', { params: { query: { ...filter, ...page } } })),
  );
  printList(found, wishes, cli, (items) => columnLines(HEADER, items.map(rowOf)));
}

function acknowledgeCommand(cli: Cli): Command {
  const command = new Command('acknowledge')
    .description('Says that somebody looks after an alert.')
    .argument('<alert>', 'id of the alert')
    .option('--note <text>', 'for the record')
    .action(async (alertId: string, wishes: ServiceWishes & { readonly note?: string }) => {
      const { api } = serviceOf(wishes, cli);
      const call = {
        params: { path: { alertId } },
        body: wishes.note === undefined ? {} : { note: wishes.note },
      };
      const alert = await answerOf(api.POST('/api/v1/ml/alerts/{alertId}/acknowledge', call));
      printOne(alert, wishes, cli, ({ status }) => [`alert ${alertId} is ${status}`]);
    });
  return withService(command, 'ml:train', ['lifo4-ml alerts acknowledge 0197a3c2-… --note "new chiller"']);
}

/** Hours of a time such as `36h` or `7d`. */
function hoursOf(text: string): number {
  const [, count, unit] = /^(\d{1,4})([hd])$/.exec(text) ?? [];
  const hours = Number(count) * (HOURS[unit ?? ''] ?? Number.NaN);
  if (!(hours > 0)) throw new InvalidArgumentError('Write hours or days, for example 36h or 7d.');
  return hours;
}

const silenceLines = ({ items }: SilenceList): readonly string[] =>
  items.length === 0
    ? ['  nothing is silent']
    : columnLines(
        ['site', 'rule', 'until'],
        items.map(({ systemId, rule, until }) => [systemId ?? 'all', rule ?? 'all', minute(until)]),
      );

interface SilenceWishes extends ServiceWishes {
  readonly system?: string;
  readonly rule?: Alert['rule'];
  readonly for: number;
  readonly reason: string;
}

function silenceCommand(cli: Cli): Command {
  const command = new Command('silence')
    .description(
      'Keeps alerts silent for a time, by site, by rule or both; they open and resolve all the same.',
    )
    .option('--system <id>', 'of one site (default: all)')
    .addOption(new Option('--rule <rule>', 'of one rule (default: all)').choices(RULES))
    .requiredOption('--for <time>', 'how long, for example 36h or 7d', hoursOf)
    .requiredOption('--reason <text>', 'for the record')
    .action(async (wishes: SilenceWishes) => {
      const { api } = serviceOf(wishes, cli);
      const body: NewSilence = {
        ...{ systemId: wishes.system ?? null, rule: wishes.rule ?? null, reason: wishes.reason },
        until: new Date(Date.now() + wishes.for * HOUR_MS).toISOString(),
      };
      printOne(await answerOf(api.POST('/api/v1/ml/alert-silences', { body })), wishes, cli, silenceLines);
    });
  return withService(command, 'ml:train', [
    'lifo4-ml alerts silence --system plant-7 --for 7d --reason "planned stop"',
  ]);
}

function silencesCommand(cli: Cli): Command {
  const command = new Command('silences')
    .description('Lists what is kept silent.')
    .action(async (wishes: ServiceWishes) => {
      const { api } = serviceOf(wishes, cli);
      const found = await answerOf(api.GET('/api/v1/ml/alert-silences'));
      if (wishes.json) printJson(cli.stdout, found.items);
      else print(cli.stdout, silenceLines(found));
    });
  return withService(command, 'ml:read', ['lifo4-ml alerts silences']);
}

/** `lifo4-ml alerts` */
export function alertsCommand(cli: Cli): Command {
  const listing = new Command('list')
    .description('Lists alerts, newest first.')
    .option('--system <id>', 'of one site')
    .addOption(new Option('--status <status>', 'in one status').choices(STATES))
    .action((wishes: AlertsWishes) => list(wishes, cli));
  return new Command('alerts')
    .summary('list, acknowledge and silence alerts')
    .description('Lists, acknowledges and silences alerts on forecasts, over the API of a running service.')
    .addCommand(withService(withLimit(listing), 'ml:read', ['lifo4-ml alerts --status open']), {
      isDefault: true,
    })
    .addCommand(acknowledgeCommand(cli))
    .addCommand(silenceCommand(cli))
    .addCommand(silencesCommand(cli));
}
