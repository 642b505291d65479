import type pg from 'pg';
import { DEVICE_FORECAST, type ErrorHour, type HourScore, type ScoreStore } from '../../ports/scores.ts';
import { DAY_COLUMNS, type DayRow, dated, FIGURE_COLUMNS, type FigureRow } from './day-scores.ts';

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

const ERROR_HOURS = `
  select (extract(isodow from l.at) - 1)::integer as weekday, extract(hour from l.at)::integer as hour,
    sum(abs(h.forecast - h.actual)) / nullif(sum(abs(h.actual)), 0) as error,
    avg(abs(h.forecast - h.actual)) as "meanAbsoluteError", avg(h.forecast - h.actual) as bias,
    count(*)::integer as hours
  from lifo4.score_day d
  cross join lateral unnest(d.forecast_kw::float8[], d.actual_kw::float8[]) with ordinality as h(forecast, actual, lead)
  cross join lateral (select (d.issued_at + (h.lead - 1) * interval '1 hour') at time zone $4 as at) l
  where d.system_id = $1 and d.model = '${DEVICE_FORECAST}' and d.day between $2::date and $3::date
    and h.actual is not null
  group by 1, 2 order by 1, 2`;

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
      return rows.map((row) => dated(row));
    },
    figures: async (systemId, { from, to }) => {
      const { rows } = await pool.query<FigureRow>({
        name: 'day-figures',
        text: `select ${FIGURE_COLUMNS} from lifo4.score_day s
          where s.system_id = $1 and s.day between $2::date and $3::date order by s.day, s.model`,
        values: [systemId, from, to],
      });
      return rows.map((row) => dated(row));
    },
    errorHours: async (systemId, { from, to }, zone) => {
      const { rows } = await pool.query<ErrorHour>({
        name: 'error-hours',
        text: ERROR_HOURS,
        values: [systemId, from, to, zone],
      });
      return rows;
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
