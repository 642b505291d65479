import type pg from 'pg';
import type { ScoreCopies } from '../../ports/score-copies.ts';
import { DAY_COLUMNS, type DayRow, dated } from './day-scores.ts';

/** How far copies of the scores of days are, on Postgres. */
export function createPostgresScoreCopies({ pool }: { readonly pool: pg.Pool }): ScoreCopies {
  return {
    next: async (target, limit) => {
      const { rows } = await pool.query<DayRow & { readonly change: string }>({
        name: 'changed-day-scores',
        text: `select ${DAY_COLUMNS}, s.change::text as change from lifo4.score_day s
          where s.change > coalesce((select c.change from lifo4.score_copy c where c.target = $1), 0)
          order by s.change limit $2`,
        values: [target, limit],
      });
      const upTo = rows.at(-1)?.change;
      return upTo === undefined ? null : { days: rows.map(({ change: _, ...row }) => dated(row)), upTo };
    },
    copied: async (target, upTo) => {
      await pool.query({
        name: 'day-scores-copied',
        text: `insert into lifo4.score_copy as c (target, change) values ($1, $2::bigint)
          on conflict (target) do update set change = greatest(c.change, excluded.change)`,
        values: [target, upTo],
      });
    },
  };
}
