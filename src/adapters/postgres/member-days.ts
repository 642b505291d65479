import type pg from 'pg';
import type { MemberDays } from '../../ports/member-days.ts';

/** Local hours after midnight that late readings have to come in. */
const GRACE_HOURS = 6;
const LEASE_MINUTES = 10;
const MOST_ATTEMPTS = 3;
const DAYS_BACK = 8;

interface DueRow {
  readonly system_id: string;
  readonly day: string;
  readonly issued_at: Date;
  readonly version: string;
  readonly model_type: string;
}

/** Of several nodes that see the same day due, the first writes its row; the others find it taken. */
const CLAIM = `
  with due as (
    select d.system_id, d.day, d.issued_at, d.version, d.model_type
    from lifo4.score_day d
    join lifo4.read_model s on s.projection = 'sites' and s.key = d.system_id and s.status = 'registered'
    left join lifo4.member_day m on m.system_id = d.system_id and m.day = d.day
    where d.model = 'device' and d.version is not null
      and d.day > ($1::timestamptz at time zone 'UTC')::date - ${DAYS_BACK}
      and d.day < (($1::timestamptz at time zone (s.doc ->> 'zone')) - interval '${GRACE_HOURS} hours')::date
      and (m.day is null or (not m.done and m.lease_until < now() and m.attempts < ${MOST_ATTEMPTS}))
    order by d.day, d.system_id limit $2
  ), claimed as (
    insert into lifo4.member_day as m (system_id, day, attempts, lease_until)
    select system_id, day, 1, now() + interval '${LEASE_MINUTES} minutes' from due order by system_id, day
    on conflict (system_id, day) do update set attempts = m.attempts + 1, lease_until = excluded.lease_until
      where not m.done and m.lease_until < now()
    returning m.system_id, m.day
  )
  select system_id, to_char(day, 'YYYY-MM-DD') as day, issued_at, version, model_type
  from due join claimed using (system_id, day) order by day, system_id`;

const SAVE = `
  with done as (
    update lifo4.member_day set done = true where system_id = $1 and day = $2
  ), saved as (
    insert into lifo4.member_forecast (system_id, day, issued_at, version, model, load_kw, lower_kw, upper_kw)
    select $1, $2, $3, $4, m."modelType", m."loadKw", m."lowerKw", m."upperKw"
    from jsonb_to_recordset($5::jsonb) as m("modelType" text, "loadKw" real[], "lowerKw" real[], "upperKw" real[])
    on conflict (system_id, day, model) do update set issued_at = excluded.issued_at, version = excluded.version,
      load_kw = excluded.load_kw, lower_kw = excluded.lower_kw, upper_kw = excluded.upper_kw
    returning issued_at
  )
  insert into lifo4.unscored (system_id, from_hour, to_hour, days_only)
  select $1, min(issued_at), max(issued_at) + interval '23 hours', true from saved having count(*) > 0`;

/** Days of members on Postgres, where the days of devices are scored. */
export function createPostgresMemberDays({ pool }: { readonly pool: pg.Pool }): MemberDays {
  return {
    claim: async (siteNow, limit) => {
      const { rows } = await pool.query<DueRow>({
        name: 'claim-member-days',
        text: CLAIM,
        values: [siteNow, limit],
      });
      return rows.map(({ system_id, day, issued_at, version, model_type }) => ({
        ...{ systemId: system_id, day, version, modelType: model_type },
        issuedAt: issued_at.toISOString(),
      }));
    },
    save: async ({ systemId, day, issuedAt, version }, days) => {
      await pool.query({
        name: 'save-member-days',
        text: SAVE,
        values: [systemId, day, issuedAt, version, JSON.stringify(days)],
      });
    },
  };
}
