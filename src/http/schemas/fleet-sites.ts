import Type from 'typebox';
import { Instant, LocalDate, ModelVersion, nullable } from '../../events/values.ts';
import { FLEET_ORDERS, FLEET_STATES, SITE_DIFFERENCES } from '../../ports/fleet-sites.ts';
import { closed, paging } from './common.ts';

const MAX_OFFSET = 1_000_000;

/** Words of a closed set with commas between them. */
const listOf = (words: readonly string[], description: string) =>
  Type.String({
    pattern: `^(${words.join('|')})(,(${words.join('|')}))*$`,
    maxLength: 200,
    description: `${description} ${words.join(', ')}; several with commas between them.`,
  });

export const FleetFilter = Type.Object(
  {
    q: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Part of a site’s id, its zone or its device’s id, in any case.',
        examples: ['plant-7'],
      }),
    ),
    state: Type.Optional(listOf(FLEET_STATES, 'Sites in at least one of:')),
    difference: Type.Optional(listOf(SITE_DIFFERENCES, 'Sites with one of:')),
    sort: Type.Enum([...FLEET_ORDERS], {
      default: 'name',
      description:
        'What comes first: the name in order, the worst MAPE of 7 days, the oldest forecast, the most alerts, the next retrain.',
    }),
    order: Type.Enum(['usual', 'reversed'], {
      default: 'usual',
      description: '`reversed` turns the order; sites without a value stay last.',
    }),
    offset: Type.Integer({
      minimum: 0,
      maximum: MAX_OFFSET,
      default: 0,
      description: 'Rows to leave out before the first, for lists that jump; not with `cursor`.',
    }),
    ...paging,
  },
  closed,
);

const mape = (days: number) =>
  nullable(
    Type.Number({
      description: `Mean of the daily MAPE over the ${days} local days that end with \`scoredUntil\`, percent.`,
      examples: [3.84],
    }),
  );

const DifferenceSchema = Type.Object(
  {
    code: Type.Enum([...SITE_DIFFERENCES]),
    reason: nullable(Type.String({ description: 'The device’s own words, where it gave any.' })),
    since: nullable(Instant),
  },
  {
    title: 'SiteDifference',
    description:
      'Why a site does not run what was last meant for it: it has no device, the device has not answered the offer, how the last offer ended, or no model was offered to this device yet.',
  },
);

const FleetSiteSchema = Type.Object(
  {
    systemId: Type.String({ examples: ['bess-456'] }),
    zone: Type.String({ examples: ['America/Sao_Paulo'] }),
    deviceId: nullable(Type.String({ examples: ['dev-7c1d'] })),
    runningVersion: nullable(ModelVersion),
    desiredVersion: nullable(ModelVersion),
    attemptedVersion: nullable(ModelVersion),
    difference: nullable(DifferenceSchema),
    states: Type.Array(Type.Enum([...FLEET_STATES])),
    forecastAt: nullable(Instant),
    forecastAgeSeconds: nullable(Type.Integer({ minimum: 0 })),
    mape7: mape(7),
    mape28: mape(28),
    scoredUntil: nullable(LocalDate),
    mapeTrend: Type.Array(nullable(Type.Number({ examples: [3.84] })), {
      description:
        'Daily MAPE of the fourteen days that end with `scoredUntil`, the oldest first, percent; empty before the first.',
    }),
    openAlerts: Type.Integer({ minimum: 0 }),
    acknowledgedAlerts: Type.Integer({ minimum: 0 }),
    alertPriority: nullable(Type.Enum(['P4'], { description: 'Of the open and acknowledged alerts.' })),
    retrainsPaused: nullable(Type.String({ description: 'Why weekly retrains are paused.' })),
    nextRetrain: nullable(Instant),
  },
  { title: 'FleetSite', description: 'A site in service, as a row of the fleet.' },
);

const count = Type.Integer({ minimum: 0 });

export const FleetPage = Type.Object(
  {
    items: Type.Array(FleetSiteSchema),
    total: Type.Integer({ minimum: 0, description: 'Sites that the filters find.' }),
    counts: Type.Object(
      {
        all: count,
        ...Object.fromEntries(FLEET_STATES.map((state) => [state, count])),
      },
      { description: 'Sites in each state among all that `q` finds, whatever states are asked for.' },
    ),
    nextCursor: nullable(Type.String({ description: 'Give it as `cursor` to read on; null at the end.' })),
  },
  { title: 'FleetPage', description: 'Sites in service with what runs, how they do and what is wrong.' },
);
