import type pg from 'pg';
import type { ForecastHour, ForecastStore } from '../../ports/telemetry.ts';

interface ForecastRow {
  readonly system_id: string;
  readonly issued_at: Date;
  readonly version: string | null;
  readonly model_type: string;
  readonly device_id: string;
  readonly hours: readonly ForecastHour[];
}

/** The forecasts that devices made, on Postgres: one for each site and issue time. */
export function createPostgresForecasts({ pool }: { readonly pool: pg.Pool }): ForecastStore {
  return {
    save: async ({ systemId, issuedAt, version, modelType, deviceId, hours }) => {
      await pool.query({
        name: 'save-forecast',
        text: `insert into lifo4.forecast (system_id, issued_at, version, model_type, device_id, hours)
          values ($1, $2, $3, $4, $5, $6::jsonb)
          on conflict (system_id, issued_at) do update set version = excluded.version,
            model_type = excluded.model_type, device_id = excluded.device_id, hours = excluded.hours`,
        values: [systemId, issuedAt, version, modelType, deviceId, JSON.stringify(hours)],
      });
    },
    latest: async (systemId) => {
      const { rows } = await pool.query<ForecastRow>({
        name: 'latest-forecast',
        text: 'select * from lifo4.forecast where system_id = $1 order by issued_at desc limit 1',
        values: [systemId],
      });
      const row = rows[0];
      if (row === undefined) return null;
      return {
        systemId: row.system_id,
        issuedAt: row.issued_at.toISOString(),
        version: row.version,
        modelType: row.model_type,
        deviceId: row.device_id,
        hours: row.hours,
      };
    },
  };
}
