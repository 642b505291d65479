import type pg from 'pg';
import type { WatchList } from '../../ports/watch-list.ts';

interface DueRow {
  readonly system_id: string;
  readonly tenant: string;
  readonly zone: string;
  readonly day: string;
}

/** Local hours after midnight that late readings have to come in. */
const GRACE_HOURS = 6;

/** The days that wait to be judged, on Postgres. */
export function createPostgresWatchList({ pool }: { readonly pool: pg.Pool }): WatchList {
  return {
    due: async (siteNow, limit) => {
      const { rows } = await pool.query<DueRow>({
        name: 'days-to-judge',
        text: `select d.system_id, d.tenant, d.zone, to_char(d.day, 'YYYY-MM-DD') as day
          from (
            select s.key as system_id, s.tenant, s.doc ->> 'zone' as zone,
              (($1::timestamptz at time zone (s.doc ->> 'zone')) - make_interval(hours => $3))::date - 1 as day
            from lifo4.read_model s where s.projection = 'sites' and s.status = 'registered'
          ) d
          left join lifo4.alert_check c on c.system_id = d.system_id
          where c.day is null or c.day < d.day
          order by d.system_id limit $2`,
        values: [siteNow, limit, GRACE_HOURS],
      });
      return rows.map(({ system_id, ...rest }) => ({ systemId: system_id, ...rest }));
    },
    judged: async (days) => {
      await pool.query({
        name: 'days-judged',
        text: `insert into lifo4.alert_check as c (system_id, day)
          select * from unnest($1::text[], $2::date[]) order by 1
          on conflict (system_id) do update set day = greatest(c.day, excluded.day)`,
        values: [days.map(({ systemId }) => systemId), days.map(({ day }) => day)],
      });
    },
  };
}
