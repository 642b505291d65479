import type pg from 'pg';
import type { TemperatureForecast, TemperatureForecasts } from '../../ports/temperature-forecasts.ts';

interface ForecastRow {
  readonly issued_at: Date;
  readonly start: Date;
  readonly celsius: readonly (number | null)[];
}

/** Of two that come in at the same instant the second is a millisecond later; neither replaces the other. */
const SAVE = `
  with latest as (
    select issued_at, start, celsius from lifo4.temperature_forecast
    where system_id = $1 order by issued_at desc limit 1
  ), saved as (
    insert into lifo4.temperature_forecast (system_id, issued_at, start, celsius)
    select $1, greatest($2::timestamptz, (select issued_at + interval '1 millisecond' from latest)), $3, $4::real[]
    where not exists (select from latest l where l.start = $3 and l.celsius = $4::real[])
    on conflict do nothing
    returning issued_at
  )
  select (select issued_at from saved) as saved,
    exists (select from latest l where l.start = $3 and l.celsius = $4::real[]) as known`;

const COLUMNS = 'issued_at, start, celsius';

const issuedOf = ({ issued_at, start, celsius }: ForecastRow): TemperatureForecast => ({
  issuedAt: issued_at.getTime(),
  start: start.getTime(),
  values: Float64Array.from(celsius, (value) => value ?? Number.NaN),
});

/** Temperature forecasts on Postgres. */
export function createPostgresTemperatureForecasts({
  pool,
}: {
  readonly pool: pg.Pool;
}): TemperatureForecasts {
  async function save(systemId: string, forecast: TemperatureForecast): Promise<number | null> {
    const { issuedAt, start, values } = forecast;
    const celsius = Array.from(values, (value) => (Number.isNaN(value) ? null : value));
    const { rows } = await pool.query<{ saved: Date | null; known: boolean }>({
      name: 'save-temperature-forecast',
      text: SAVE,
      values: [systemId, new Date(issuedAt), new Date(start), celsius],
    });
    const { saved = null, known = false } = rows[0] ?? {};
    if (saved !== null || known) return saved?.getTime() ?? null;
    // Another caller took the instant between the look and the insert.
    return save(systemId, forecast);
  }

  return {
    save,
    latest: async (systemId) => {
      const { rows } = await pool.query<ForecastRow>({
        name: 'latest-temperature-forecast',
        text: `select ${COLUMNS} from lifo4.temperature_forecast
               where system_id = $1 order by issued_at desc limit 1`,
        values: [systemId],
      });
      return rows[0] === undefined ? null : issuedOf(rows[0]);
    },
    read: async (systemId, from, to) => {
      const { rows } = await pool.query<ForecastRow>({
        name: 'read-temperature-forecasts',
        text: `select ${COLUMNS} from lifo4.temperature_forecast
               where system_id = $1 and issued_at < $3 and start + cardinality(celsius) * interval '1 hour' > $2
               order by issued_at`,
        values: [systemId, from, to],
      });
      return rows.map(issuedOf);
    },
  };
}
