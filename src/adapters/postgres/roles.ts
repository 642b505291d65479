import type pg from 'pg';
import { inTransaction } from './connect.ts';

/**
 * Two roles without a login, for users that need less than the owner. The writer is what nodes run as: it adds facts
 * and can neither change nor remove one. The reader is for charts: projections, readings, forecasts
 * and scores.
 */
export interface RoleNames {
  readonly writer: string;
  readonly reader: string;
}

/** Tables to which nothing is ever done but adding. */
const APPEND_ONLY = ['event', 'feed'];
/** Tables that only migrations write. */
const OWNERS = ['migration', 'cluster'];
/** What charts may see: no facts, no work in progress, no credentials. */
const CHARTS = [
  ...['read_model', 'checkpoint', 'reading', 'forecast', 'score_hour', 'score_day'],
  'chart_training_time',
];

/** Roles belong to the whole server: another database may have made them. */
const CREATE_ROLE = `do $$ begin
  if not exists (select from pg_roles where rolname = %L) then create role %I nologin; end if;
end $$`;

const of = (tables: readonly string[]): string => tables.map((table) => `lifo4.${table}`).join(', ');

const grants = (writer: string, reader: string): readonly string[] => [
  `grant usage on schema lifo4 to ${writer}, ${reader}`,
  `revoke create on schema lifo4 from ${writer}, ${reader}, public`,
  `grant select, insert, update, delete on all tables in schema lifo4 to ${writer}`,
  `grant usage, select on all sequences in schema lifo4 to ${writer}`,
  // What later migrations make is the nodes' too; charts see none of it until it is listed here.
  `alter default privileges in schema lifo4 grant select, insert, update, delete on tables to ${writer}`,
  `alter default privileges in schema lifo4 grant usage, select on sequences to ${writer}`,
  `revoke update, delete, truncate on ${of(APPEND_ONLY)} from ${writer}`,
  `revoke insert, update, delete, truncate on ${of(OWNERS)} from ${writer}`,
  `revoke all on all tables in schema lifo4 from ${reader}`,
  `grant select on ${of(CHARTS)} to ${reader}`,
  `revoke execute on all functions in schema lifo4 from public`,
  `grant execute on all functions in schema lifo4 to ${writer}`,
];

/**
 * Makes the roles where they are absent and gives them exactly their rights, in one transaction. To be repeated
 * after each upgrade, by the one who migrates.
 */
export async function grantRoles(pool: pg.Pool, { writer, reader }: RoleNames): Promise<void> {
  await inTransaction(pool, async (client) => {
    for (const role of [writer, reader]) {
      const { rows } = await client.query<{ sql: string }>('select format($1, $2::text, $2::text) as sql', [
        CREATE_ROLE,
        role,
      ]);
      await client.query(rows[0]?.sql ?? '');
    }
    const names = [writer, reader].map((role) => client.escapeIdentifier(role)) as [string, string];
    for (const grant of grants(...names)) await client.query(grant);
  });
}
