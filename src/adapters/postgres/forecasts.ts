import type pg from 'pg';
import type { ForecastHour, ForecastStore, StoredForecast } from '../../ports/telemetry.ts';

interface ForecastRow {
  readonly system_id: string;
  readonly issued_at: Date;
  readonly version: string | null;
  readonly model_type: string;
  readonly device_id: string;
  /** By lead time, from 1 on. */
  readonly load_kw: readonly number[];
  readonly lower_kw: readonly number[];
  readonly upper_kw: readonly number[];
  readonly peak_probability: readonly (number | null)[];
  readonly exceedance_probability: readonly (number | null)[] | null;
  readonly exceedance_basis: 'max15' | 'hourly-mean' | null;
}

const HOUR_MS = 3_600_000;

/** What of a forecast is to be scored is what it says of hours that were measured already. */
const SAVE = `
  with saved as (
    insert into lifo4.forecast as f (system_id, issued_at, version, model_type, device_id, load_kw, lower_kw, upper_kw,
      peak_probability, exceedance_probability, exceedance_basis)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    on conflict (system_id, issued_at) do update set version = excluded.version,
      model_type = excluded.model_type, device_id = excluded.device_id, load_kw = excluded.load_kw,
      lower_kw = excluded.lower_kw, upper_kw = excluded.upper_kw, peak_probability = excluded.peak_probability,
      exceedance_probability = excluded.exceedance_probability, exceedance_basis = excluded.exceedance_basis
    returning f.system_id, f.issued_at, cardinality(f.load_kw) as hours
  )
  insert into lifo4.unscored (system_id, from_hour, to_hour)
  select system_id, issued_at, issued_at + (hours - 1) * interval '1 hour' from saved`;

function valuesOf({ systemId, issuedAt, version, modelType, deviceId, hours }: StoredForecast) {
  const exceedance = hours.map(({ exceedanceProbability }) => exceedanceProbability ?? null);
  return [
    ...[systemId, issuedAt, version, modelType, deviceId],
    hours.map(({ loadKw }) => loadKw),
    hours.map(({ lowerKw }) => lowerKw),
    hours.map(({ upperKw }) => upperKw),
    hours.map(({ peakProbability }) => peakProbability),
    exceedance.every((chance) => chance === null) ? null : exceedance,
    hours.find(({ exceedanceBasis }) => exceedanceBasis !== undefined)?.exceedanceBasis ?? null,
  ];
}

function exceedanceAt({ exceedance_probability: chances, exceedance_basis: basis }: ForecastRow, i: number) {
  const chance = chances?.[i] ?? null;
  if (chance === null) return {};
  return { exceedanceProbability: chance, ...(basis === null ? {} : { exceedanceBasis: basis }) };
}

function forecastOf(row: ForecastRow): StoredForecast {
  const issued = row.issued_at.getTime();
  const hours = row.load_kw.map(
    (loadKw, i): ForecastHour => ({
      hour: new Date(issued + i * HOUR_MS).toISOString(),
      loadKw,
      lowerKw: row.lower_kw[i] ?? loadKw,
      upperKw: row.upper_kw[i] ?? loadKw,
      peakProbability: row.peak_probability[i] ?? null,
      ...exceedanceAt(row, i),
    }),
  );
  return {
    ...{ systemId: row.system_id, issuedAt: row.issued_at.toISOString(), version: row.version },
    ...{ modelType: row.model_type, deviceId: row.device_id, hours },
  };
}

/** The forecasts that devices made, on Postgres: one for each site and issue time, its hours one after the other. */
export function createPostgresForecasts({ pool }: { readonly pool: pg.Pool }): ForecastStore {
  return {
    save: async (forecast) => {
      await pool.query({ name: 'save-forecast', text: SAVE, values: valuesOf(forecast) });
    },
    latest: async (systemId) => {
      const { rows } = await pool.query<ForecastRow>({
        name: 'latest-forecast',
        text: 'select * from lifo4.forecast where system_id = $1 order by issued_at desc limit 1',
        values: [systemId],
      });
      return rows[0] === undefined ? null : forecastOf(rows[0]);
    },
  };
}
