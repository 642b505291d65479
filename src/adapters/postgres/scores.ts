import type pg from 'pg';
import { DEVICE_FORECAST, type HourScore, type ScoreStore } from '../../ports/scores.ts';
import { DAY_COLUMNS, type DayRow, dayScore } from './day-scores.ts';

interface HourRow {
  readonly hour: Date;
  readonly model_type: string;
  readonly version: string;
  readonly actual_kw: number;
  readonly leads: readonly number[];
  readonly error_kw: readonly number[];
}

interface RoundRow {
  readonly leader: boolean;
  readonly ranges: number;
  readonly hours: number;
  readonly days: number;
}

const hourScore = ({ hour, model_type, version, actual_kw, leads, error_kw }: HourRow): HourScore => ({
  hour: hour.toISOString(),
  modelType: model_type,
  version: version === '' ? null : version,
  actualKw: actual_kw,
  errors: leads.map((lead, i) => ({ lead, errorKw: error_kw[i] ?? Number.NaN })),
});

/** Scores on Postgres, worked out by the database where readings and forecasts lie. */
export function createPostgresScores({ pool }: { readonly pool: pg.Pool }): ScoreStore {
  return {
    scoreArrivals: async (maxRanges) => {
      const { rows } = await pool.query<RoundRow>('select * from lifo4.score_arrivals($1)', [maxRanges]);
      const [round] = rows;
      if (round === undefined || !round.leader) return null;
      return { ranges: round.ranges, hours: round.hours, days: round.days };
    },
    waiting: async () => {
      const { rows } = await pool.query<{ count: number }>(
        'select count(*)::integer as count from lifo4.unscored',
      );
      return rows[0]?.count ?? 0;
    },
    days: async ({ systemIds, model = DEVICE_FORECAST, from, to }) => {
      const { rows } = await pool.query<DayRow>({
        name: 'day-scores',
        text: `select ${DAY_COLUMNS} from lifo4.score_day s
          where s.system_id = any($1::text[]) and s.model = $2 and s.day between $3::date and $4::date
          order by s.system_id, s.day`,
        values: [systemIds, model, from, to],
      });
      return rows.map(dayScore);
    },
    hours: async (systemId, from, to) => {
      const { rows } = await pool.query<HourRow>({
        name: 'hour-scores',
        text: `select hour, model_type, version, actual_kw, leads, error_kw from lifo4.score_hour
          where system_id = $1 and hour >= $2 and hour < $3 order by hour, model_type, version`,
        values: [systemId, from, to],
      });
      return rows.map(hourScore);
    },
    prune: async (before, limit) => {
      const forget = async (table: string, column: string, key: string): Promise<number> => {
        const text = `delete from lifo4.${table} where (${key}) in (
          select ${key} from lifo4.${table} where ${column} < $1 order by ${column} limit $2)`;
        return (await pool.query(text, [before, limit])).rowCount ?? 0;
      };
      await forget('score_hour', 'hour', 'system_id, hour, model_type, version');
      await forget('member_forecast', 'issued_at', 'system_id, day, model');
      await forget('member_day', 'day', 'system_id, day');
      return forget('forecast', 'issued_at', 'system_id, issued_at');
    },
  };
}
