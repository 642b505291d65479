import type pg from 'pg';
import type { FactRules } from '../../events/catalogue.ts';
import type { RecordedFact } from '../../events/envelope.ts';
import type { RegistryKind } from '../../events/registry.ts';
import type { EventLog } from '../../ports/event-log.ts';
import { FACT_COLUMNS, type FactRow, toFact } from './facts.ts';
import { createGroupedReader } from './read-groups.ts';

interface StreamPart {
  readonly streamId: string;
  readonly afterVersion: number;
}

interface RegistryKey {
  readonly kind: RegistryKind;
  readonly key: string;
}

type Ordered<Row> = Row & { readonly n: number };

/** Rows of several keys by the place of their key in the question. */
function byPlace<Row>(rows: readonly Ordered<Row>[], count: number): readonly (readonly Row[])[] {
  const groups: Row[][] = Array.from({ length: count }, () => []);
  for (const row of rows) groups[row.n - 1]?.push(row);
  return groups;
}

/** The rows of a part of a stream, in order. */
export function createStreamReader(
  pool: pg.Pool,
  rules: FactRules,
): (part: StreamPart) => Promise<readonly RecordedFact[]> {
  const read = createGroupedReader<StreamPart, readonly FactRow[]>({
    one: async ({ streamId, afterVersion }) => {
      const { rows } = await pool.query<FactRow>({
        name: 'read-stream',
        text: `select ${FACT_COLUMNS} from lifo4.event e where e.stream_id = $1 and e.version > $2 order by e.version`,
        values: [streamId, afterVersion],
      });
      return rows;
    },
    several: async (parts) => {
      const { rows } = await pool.query<Ordered<FactRow>>({
        name: 'read-streams',
        text: `select p.n::integer as n, e.*
          from unnest($1::text[], $2::integer[]) with ordinality as p(stream_id, after_version, n)
          cross join lateral (
            select ${FACT_COLUMNS} from lifo4.event e
            where e.stream_id = p.stream_id and e.version > p.after_version order by e.version
          ) e
          order by p.n, e.version`,
        values: [parts.map(({ streamId }) => streamId), parts.map(({ afterVersion }) => afterVersion)],
      });
      return byPlace(rows, parts.length);
    },
  });
  // Each reader makes its own facts: one that cannot be read is no matter of its neighbours.
  return async (part) => (await read(part)).map((row) => toFact(rules, row));
}

/** The facts of a site's streams. The ordered lateral keeps the planner at one index probe a stream. */
export function createSiteReader(pool: pg.Pool, rules: FactRules): EventLog['readSite'] {
  return async ({ systemId, types, until }) => {
    const { rows } = await pool.query<FactRow>({
      name: 'read-site',
      text: `select e.* from lifo4.event s
        cross join lateral (
          select ${FACT_COLUMNS}, e.epoch, e.tx_id, e.position from lifo4.event e
          where e.stream_id = s.stream_id and e.type = any($2::text[])
            and (e.metadata->>'at')::timestamptz <= $3 order by e.version
        ) e
        where s.version = 1 and s.metadata->>'systemId' = $1 and s.stream_id not like 'device-journal-%'
        order by e.epoch, e.tx_id, e.position`,
      values: [systemId, types, until],
    });
    return rows.map((row) => toFact(rules, row));
  };
}

/** The value of a registry key, null when nothing holds it. */
export function createRegistryReader(pool: pg.Pool): (key: RegistryKey) => Promise<string | null> {
  return createGroupedReader<RegistryKey, string | null>({
    one: async ({ kind, key }) => {
      const { rows } = await pool.query<{ value: string }>({
        name: 'registry-lookup',
        text: 'select value from lifo4.registry where kind = $1 and key = $2',
        values: [kind, key],
      });
      return rows[0]?.value ?? null;
    },
    several: async (keys) => {
      const { rows } = await pool.query<{ value: string | null }>({
        name: 'registry-lookups',
        text: `select r.value from unnest($1::text[], $2::text[]) with ordinality as k(kind, key, n)
          left join lateral (
            select value from lifo4.registry r where r.kind = k.kind and r.key = k.key
          ) r on true
          order by k.n`,
        values: [keys.map(({ kind }) => kind), keys.map(({ key }) => key)],
      });
      return rows.map(({ value }) => value);
    },
  });
}
