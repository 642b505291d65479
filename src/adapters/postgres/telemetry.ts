import type pg from 'pg';
import { checkReadings, mergeByHour } from '../../ports/readings.ts';
import type { Reading, TelemetryStore } from '../../ports/telemetry.ts';

interface ReadingRow {
  readonly hour: Date;
  readonly load_kw: number | null;
  readonly battery_kw: number | null;
  readonly pv_kw: number | null;
  readonly temperature_c: number | null;
  readonly max15_kw: number | null;
  readonly price_brl_mwh: number | null;
}

const toReading = (row: ReadingRow): Reading => ({
  hour: row.hour.toISOString(),
  ...(row.load_kw === null ? {} : { loadKw: row.load_kw }),
  ...(row.battery_kw === null ? {} : { batteryKw: row.battery_kw }),
  ...(row.pv_kw === null ? {} : { pvKw: row.pv_kw }),
  ...(row.temperature_c === null ? {} : { temperatureC: row.temperature_c }),
  ...(row.max15_kw === null ? {} : { max15Kw: row.max15_kw }),
  ...(row.price_brl_mwh === null ? {} : { priceBrlMwh: row.price_brl_mwh }),
});

const COLUMNS = ['load_kw', 'battery_kw', 'pv_kw', 'temperature_c', 'max15_kw', 'price_brl_mwh'] as const;

/**
 * Rows come sorted by hour, so that two writers of one site never deadlock. Hours whose load changed are to be scored
 * anew.
 */
const UPSERT = `
  with given as (
    select * from jsonb_to_recordset($2::jsonb) as g(hour timestamptz, "loadKw" double precision,
      "batteryKw" double precision, "pvKw" double precision, "temperatureC" double precision,
      "max15Kw" double precision, "priceBrlMwh" double precision)
  ), changed as (
    insert into lifo4.reading as r (system_id, hour, ${COLUMNS.join(', ')})
    select $1, hour, "loadKw", "batteryKw", "pvKw", "temperatureC", "max15Kw", "priceBrlMwh" from given
    on conflict (system_id, hour) do update set
      ${COLUMNS.map((c) => `${c} = coalesce(excluded.${c}, r.${c})`).join(', ')}
    where ${COLUMNS.map((c) => `coalesce(excluded.${c}, r.${c}) is distinct from r.${c}`).join(' or ')}
    returning hour
  ), unscored as (
    insert into lifo4.unscored (system_id, from_hour, to_hour)
    select $1, min(hour), max(hour) from changed having count(*) > 0
  )
  select count(*)::integer as changed from changed`;

/** Hourly readings on Postgres. */
export function createPostgresTelemetry({ pool }: { readonly pool: pg.Pool }): TelemetryStore {
  return {
    write: async (systemId, readings) => {
      checkReadings(systemId, readings);
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
    priced: async (systemId, from, to) => {
      const { rows } = await pool.query<ReadingRow>({
        name: 'read-priced-readings',
        text: `select hour, ${COLUMNS.join(', ')} from lifo4.reading
               where system_id = $1 and hour >= $2 and hour < $3 and price_brl_mwh is not null order by hour`,
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
