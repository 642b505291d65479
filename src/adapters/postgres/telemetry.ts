import type pg from 'pg';
import { InvalidReading, type Reading, type TelemetryStore } from '../../ports/telemetry.ts';

interface ReadingRow {
  readonly hour: Date;
  readonly load_kw: number | null;
  readonly battery_kw: number | null;
  readonly pv_kw: number | null;
  readonly temperature_c: number | null;
  readonly max15_kw: number | null;
}

const VALUES = ['loadKw', 'batteryKw', 'pvKw', 'temperatureC', 'max15Kw'] as const;
const HOUR = /^\d{4}-\d{2}-\d{2}T\d{2}:00(:00(\.0+)?)?Z$/;

function check(systemId: string, reading: Reading): void {
  const refuse = (problem: string): never => {
    throw new InvalidReading(systemId, reading.hour, problem);
  };
  if (!HOUR.test(reading.hour) || Number.isNaN(Date.parse(reading.hour))) {
    refuse('the hour must be the beginning of an hour in UTC, such as 2026-01-05T06:00:00Z');
  }
  for (const name of VALUES) {
    const value = reading[name];
    if (value !== undefined && !Number.isFinite(value)) refuse(`${name} must be a finite number`);
  }
}

/** One row an hour: a statement cannot change the same row twice. */
function mergeByHour(readings: readonly Reading[]): readonly Reading[] {
  const byHour = new Map<number, Reading>();
  for (const reading of readings) {
    const hour = Date.parse(reading.hour);
    byHour.set(hour, { ...byHour.get(hour), ...withoutUndefined(reading) });
  }
  return [...byHour].sort(([a], [b]) => a - b).map(([, reading]) => reading);
}

const withoutUndefined = (reading: Reading): Reading => JSON.parse(JSON.stringify(reading));

const toReading = (row: ReadingRow): Reading => ({
  hour: row.hour.toISOString(),
  ...(row.load_kw === null ? {} : { loadKw: row.load_kw }),
  ...(row.battery_kw === null ? {} : { batteryKw: row.battery_kw }),
  ...(row.pv_kw === null ? {} : { pvKw: row.pv_kw }),
  ...(row.temperature_c === null ? {} : { temperatureC: row.temperature_c }),
  ...(row.max15_kw === null ? {} : { max15Kw: row.max15_kw }),
});

const COLUMNS = ['load_kw', 'battery_kw', 'pv_kw', 'temperature_c', 'max15_kw'] as const;

/** Rows come sorted by hour, so that two writers of one site never deadlock. */
const UPSERT = `
  with given as (
    select * from jsonb_to_recordset($2::jsonb) as g(hour timestamptz, "loadKw" double precision,
      "batteryKw" double precision, "pvKw" double precision, "temperatureC" double precision,
      "max15Kw" double precision)
  ), changed as (
    insert into lifo4.reading as r (system_id, hour, ${COLUMNS.join(', ')})
    select $1, hour, "loadKw", "batteryKw", "pvKw", "temperatureC", "max15Kw" from given
    on conflict (system_id, hour) do update set
      ${COLUMNS.map((c) => `${c} = coalesce(excluded.${c}, r.${c})`).join(', ')}
    where ${COLUMNS.map((c) => `coalesce(excluded.${c}, r.${c}) is distinct from r.${c}`).join(' or ')}
    returning 1
  )
  select count(*)::integer as changed from changed`;

/** Hourly readings on Postgres. */
export function createPostgresTelemetry({ pool }: { readonly pool: pg.Pool }): TelemetryStore {
  return {
    write: async (systemId, readings) => {
      for (const reading of readings) check(systemId, reading);
      if (readings.length === 0) return { written: 0, changed: 0 };
      const merged = mergeByHour(readings);
      const { rows } = await pool.query<{ changed: number }>(UPSERT, [systemId, JSON.stringify(merged)]);
      return { written: merged.length, changed: rows[0]?.changed ?? 0 };
    },
    read: async (systemId, from, to) => {
      const { rows } = await pool.query<ReadingRow>({
        name: 'read-readings',
        text: `select hour, ${COLUMNS.join(', ')} from lifo4.reading
               where system_id = $1 and hour >= $2 and hour < $3 order by hour`,
        values: [systemId, from, to],
      });
      return rows.map(toReading);
    },
    extent: async (systemId) => {
      const { rows } = await pool.query<{ first: Date | null; last: Date | null }>({
        name: 'reading-extent',
        text: 'select min(hour) as first, max(hour) as last from lifo4.reading where system_id = $1',
        values: [systemId],
      });
      const row = rows[0];
      if (row === undefined || row.first === null || row.last === null) return null;
      return { first: row.first.toISOString(), last: row.last.toISOString() };
    },
  };
}
