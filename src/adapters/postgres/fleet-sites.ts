import type pg from 'pg';
import {
  FLEET_ORDERS,
  FLEET_STATES,
  type FleetOrder,
  type FleetPage,
  type FleetQuery,
  type FleetSite,
  type FleetSites,
  type FleetState,
  type SiteDifference,
} from '../../ports/fleet-sites.ts';
import { InvalidCursor } from '../../ports/read-models.ts';
import type { SiteDocument } from '../../projections/documents.ts';
import { fleetStatement } from './fleet-statement.ts';

interface Row {
  /** Where the row stands in its order; a text, since it may be infinite. */
  readonly place: string;
  readonly doc: SiteDocument;
  readonly difference: SiteDifference | null;
  readonly states: readonly FleetState[];
  readonly forecastAt: string | null;
  readonly age: number | null;
  readonly until: string | null;
  readonly mape7: number | null;
  readonly mape28: number | null;
  readonly trend: readonly (number | null)[] | null;
  readonly openAlerts: number;
  readonly acknowledgedAlerts: number;
}

interface Answer {
  readonly counts: Readonly<Partial<Record<FleetState | 'all', number>>> | null;
  readonly total: number;
  readonly rows: readonly Row[] | null;
}

interface Cursor {
  readonly place: string;
  readonly key: string;
}

const orderName = (order: FleetOrder, reversed: boolean): string => `${reversed ? '-' : ''}${order}`;

const encodeCursor = (order: string, { place, doc }: Row): string =>
  Buffer.from(JSON.stringify([order, place, doc.systemId])).toString('base64url');

function decoded(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return null;
  }
}

const PLACE = /^(-?Infinity|-?\d+(\.\d+)?(e[+-]?\d{1,3})?)$/;

function decodeCursor(order: string, cursor: string): Cursor {
  const value = decoded(cursor);
  if (!Array.isArray(value) || value.length !== 3 || value[0] !== order) throw new InvalidCursor();
  const [, place, key] = value;
  if (typeof place !== 'string' || !PLACE.test(place)) throw new InvalidCursor();
  if (typeof key !== 'string' || key.includes('\0')) throw new InvalidCursor();
  return { place, key };
}

const instant = (text: string | null): string | null => (text === null ? null : new Date(text).toISOString());

function differenceOf({ difference, doc }: Row): FleetSite['difference'] {
  if (difference === null) return null;
  const ended = difference !== 'no-device' && difference !== 'nothing-running';
  return {
    code: difference,
    reason: ended ? (doc.attempted?.reason ?? null) : null,
    since: ended ? doc.attemptedAt : null,
  };
}

function siteOf(row: Row): FleetSite {
  const { doc } = row;
  return {
    systemId: doc.systemId,
    zone: doc.zone,
    deviceId: doc.deviceId,
    runningVersion: doc.running?.version ?? null,
    desiredVersion: doc.desired?.version ?? null,
    attemptedVersion: doc.attempted?.version ?? null,
    difference: differenceOf(row),
    states: row.states,
    forecastAt: instant(row.forecastAt),
    forecastAgeSeconds: row.age,
    mape7: row.mape7,
    mape28: row.mape28,
    scoredUntil: row.until,
    mapeTrend: row.trend ?? [],
    openAlerts: row.openAlerts,
    acknowledgedAlerts: row.acknowledgedAlerts,
    retrainsPaused: doc.retrainsPaused,
    nextRetrain: doc.nextRetrain,
  };
}

function pageOf(order: string, limit: number, { counts, total, rows }: Answer): FleetPage {
  const all = rows ?? [];
  const page = all.slice(0, limit);
  const last = page.at(-1);
  const counted = ['all' as const, ...FLEET_STATES].map((state) => [state, counts?.[state] ?? 0] as const);
  return {
    items: page.map(siteOf),
    total,
    counts: Object.fromEntries(counted) as FleetPage['counts'],
    nextCursor: all.length > limit && last !== undefined ? encodeCursor(order, last) : null,
  };
}

const filtersOf = ({ tenant, systemIds, text, states, differences }: FleetQuery): readonly unknown[] => [
  tenant,
  systemIds ?? null,
  text?.toLowerCase() ?? null,
  states ?? null,
  differences ?? null,
];

const placeOf = (cursor: Cursor | null): readonly unknown[] => [cursor?.place ?? null, cursor?.key ?? null];

/** The fleet's page by one statement, whose plan is kept for each order. */
export function createPostgresFleetSites({ pool }: { readonly pool: pg.Pool }): FleetSites {
  return {
    list: async (query: FleetQuery) => {
      const { order, reversed, cursor, limit } = query;
      const name = orderName(order, reversed);
      const from = cursor === undefined ? null : decodeCursor(name, cursor);
      const { rows } = await pool.query<Answer>({
        name: `fleet-${FLEET_ORDERS.indexOf(order)}-${reversed}-${from !== null}`,
        text: fleetStatement(order, reversed, from !== null),
        values: [...filtersOf(query), query.now, ...placeOf(from), limit + 1, query.offset],
      });
      const [answer] = rows;
      if (answer === undefined) throw new Error('the statement of the fleet answers one row');
      return pageOf(name, limit, answer);
    },
  };
}
