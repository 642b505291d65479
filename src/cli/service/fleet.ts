import { Command, Option } from 'commander';
import type { FleetSite } from '../../client/client.ts';
import { sparkline } from '../../main/terminal/sparkline.ts';
import { type Cli, print, printJson } from '../cli.ts';
import { columnLines, figure, minute, orDash } from '../output/columns.ts';
import {
  answerOf,
  type ListWishes,
  listOf,
  printList,
  type Service,
  type ServiceWishes,
  serviceOf,
  withLimit,
  withService,
} from './service.ts';

/** All sites at a glance, over the API of a running service. */

const STATES: readonly FleetSite['states'][number][] = [
  ...(['differs', 'unanswered', 'stale-forecast', 'open-alert', 'paused'] as const),
];
const ORDERS = ['name', 'mape', 'forecast-age', 'alerts', 'next-retrain'] as const;

interface FleetWishes extends ListWishes {
  readonly search?: string;
  readonly state?: string;
  readonly sort?: (typeof ORDERS)[number];
}

const SECONDS_AN_HOUR = 3_600;
const ageOf = ({ forecastAgeSeconds }: FleetSite): string =>
  forecastAgeSeconds === null ? '–' : `${(forecastAgeSeconds / SECONDS_AN_HOUR).toFixed(1)} h`;

const trendOf = ({ mapeTrend }: FleetSite): string => sparkline(mapeTrend.filter((value) => value !== null));

const whyOf = ({ difference, retrainsPaused }: FleetSite): string =>
  [
    difference === null ? null : [difference.code, difference.reason].filter(Boolean).join(': '),
    retrainsPaused === null ? null : `paused: ${retrainsPaused}`,
  ]
    .filter(Boolean)
    .join('; ');

const rowOf = (site: FleetSite): string[] => [
  ...[site.systemId, orDash(site.runningVersion), orDash(site.desiredVersion), orDash(site.attemptedVersion)],
  ...[ageOf(site), figure(site.mape7), trendOf(site), String(site.openAlerts + site.acknowledgedAlerts)],
  whyOf(site),
];
const HEADER = ['site', 'runs', 'wanted', 'tried', 'forecast', 'MAPE 7 d', '14 days', 'alerts', 'why'];

/** What a fleet-wide stop means for every line of the list. */
async function tellStop({ api, cli }: Service): Promise<void> {
  const { status, stoppedAt, failed, settled } = await answerOf(api.GET('/api/v1/ml/fleet'));
  if (status === 'deploying') return;
  print(cli.stderr, [
    `  ! automatic deployments are stopped since ${stoppedAt === null ? '–' : minute(stoppedAt)}: ${failed} of ${settled} failed; see "lifo4-ml fleet resume --help"`,
  ]);
}

async function list(wishes: FleetWishes, cli: Cli): Promise<void> {
  const service = serviceOf(wishes, cli);
  const { search, state, sort } = wishes;
  const filter = {
    ...(search === undefined ? {} : { q: search }),
    ...(state === undefined ? {} : { state }),
    ...(sort === undefined ? {} : { sort }),
  };
  const found = await listOf(wishes, (page) =>
    answerOf(service.api.GET('/api/v1/fleet/sites', { params: { query: { ...filter, ...page } } })),
  );
  await tellStop(service);
  printList(found, wishes, cli, (items) => columnLines(HEADER, items.map(rowOf)));
}

function resumeCommand(cli: Cli): Command {
  const command = new Command('resume')
    .description(
      'Lets automatic deployments go on after the fleet-wide stop; what failed before does not count again.',
    )
    .requiredOption('--reason <text>', 'what was found and done, for the record')
    .action(async (wishes: ServiceWishes & { readonly reason: string }) => {
      const { api } = serviceOf(wishes, cli);
      const fleet = await answerOf(api.POST('/api/v1/ml/fleet/resume', { body: { reason: wishes.reason } }));
      if (wishes.json) printJson(cli.stdout, fleet);
      else print(cli.stdout, [`the fleet is ${fleet.status}`]);
    });
  return withService(command, 'admin', ['lifo4-ml fleet resume --reason "bad firmware on three sites"']);
}

/** `lifo4-ml fleet` */
export function fleetCommand(cli: Cli): Command {
  const listing = new Command('list')
    .description('Lists sites: what runs, what should, why they differ, how the forecasts do.')
    .option('--search <text>', 'part of a site’s id, its zone or its device’s id')
    .addOption(new Option('--state <state>', 'only sites that are so').choices(STATES))
    .addOption(new Option('--sort <order>', 'what comes first (default: name)').choices(ORDERS))
    .action((wishes: FleetWishes) => list(wishes, cli));
  return new Command('fleet')
    .summary('all sites at a glance; end a fleet-wide stop')
    .description('Shows all sites at a glance, over the API of a running service.')
    .addCommand(
      withService(withLimit(listing), 'ml:read', [
        'lifo4-ml fleet',
        'lifo4-ml fleet --state differs --sort mape --all',
      ]),
      { isDefault: true },
    )
    .addCommand(resumeCommand(cli));
}
