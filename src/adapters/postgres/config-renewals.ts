import type pg from 'pg';
import type { ConfigRenewals } from '../../ports/config-renewals.ts';

interface LookRow {
  readonly system_id: string;
  readonly told: string | null;
}

/**
 * Of several nodes that see the same site due, the first writes its row; the others find it no longer due. The next
 * look is up to a tenth early or late, so that what began together drifts apart. Sites whose device is gone leave.
 */
const CLAIM = `
  with gone as (
    delete from lifo4.config_renewal c where c.next_at <= now() and not exists (
      select from lifo4.registry r where r.kind = 'active-device' and r.key = c.system_id)
  ), due as (
    select r.key from lifo4.registry r left join lifo4.config_renewal c on c.system_id = r.key
    where r.kind = 'active-device' and (c.next_at is null or c.next_at <= now())
    order by c.next_at nulls last limit $1
  )
  insert into lifo4.config_renewal as c (system_id, next_at)
  select key, now() + $2 * (0.9 + 0.2 * random()) * interval '1 millisecond' from due order by key
  on conflict (system_id) do update set next_at = excluded.next_at where c.next_at <= now()
  returning c.system_id, c.told`;

/** Looks at configurations, shared by the nodes on Postgres. */
export function createPostgresConfigRenewals({ pool }: { readonly pool: pg.Pool }): ConfigRenewals {
  return {
    claim: async (limit, everyMs) => {
      const { rows } = await pool.query<LookRow>({
        name: 'claim-config-looks',
        text: CLAIM,
        values: [limit, everyMs],
      });
      return rows.map(({ system_id, told }) => ({ systemId: system_id, told }));
    },
    told: async (systemId, content) => {
      await pool.query({
        name: 'config-told',
        text: 'update lifo4.config_renewal set told = $2 where system_id = $1',
        values: [systemId, content],
      });
    },
    hasten: async (systemId) => {
      await pool.query({
        name: 'hasten-config-look',
        text: 'update lifo4.config_renewal set next_at = now() where system_id = $1',
        values: [systemId],
      });
    },
  };
}
