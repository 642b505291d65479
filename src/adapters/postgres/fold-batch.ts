import type pg from 'pg';
import type { FactRules } from '../../events/catalogue.ts';
import type { SequencedFact } from '../../events/envelope.ts';
import { foldFact, type Projection, type ReadDocument } from '../../projections/projection.ts';
import { inTransaction } from './connect.ts';
import { FEED_PAGE, type FeedRow, toSequencedFact } from './facts.ts';

const BATCH = 500;

interface DocumentRow {
  readonly key: string;
  readonly tenant: string;
  readonly system_id: string | null;
  readonly status: string | null;
  readonly sort_at: Date;
  readonly doc: unknown;
}

const toDocument = (row: DocumentRow): ReadDocument => ({
  key: row.key,
  tenant: row.tenant,
  systemId: row.system_id,
  status: row.status,
  sortAt: row.sort_at.toISOString(),
  doc: row.doc,
});

async function load(
  client: pg.PoolClient,
  projection: Projection,
  keys: readonly string[],
  into: Map<string, ReadDocument | null>,
): Promise<void> {
  if (keys.length === 0) return;
  const { rows } = await client.query<DocumentRow>({
    name: 'load-documents',
    text: `select key, tenant, system_id, status, sort_at, doc from lifo4.read_model
           where projection = $1 and key = any($2::text[])`,
    values: [projection.name, keys],
  });
  for (const key of keys) into.set(key, null);
  for (const row of rows) into.set(row.key, toDocument(row));
}

/** The facts folded over the stored documents; only what changed. */
async function fold(
  client: pg.PoolClient,
  projection: Projection,
  facts: readonly SequencedFact[],
): Promise<ReadonlyMap<string, ReadDocument | null>> {
  const documents = new Map<string, ReadDocument | null>();
  const changed = new Map<string, ReadDocument | null>();
  await load(client, projection, [...new Set(facts.flatMap((fact) => projection.keysOf(fact)))], documents);
  for (const fact of facts) {
    let result = foldFact(projection, documents, fact);
    while ('missing' in result) {
      await load(client, projection, result.missing, documents);
      result = foldFact(projection, documents, fact);
    }
    for (const [key, document] of result.changed) {
      documents.set(key, document);
      changed.set(key, document);
    }
  }
  return changed;
}

async function store(
  client: pg.PoolClient,
  projection: Projection,
  changed: ReadonlyMap<string, ReadDocument | null>,
): Promise<void> {
  const gone = [...changed].filter(([, document]) => document === null).map(([key]) => key);
  const kept = [...changed].flatMap(([key, document]) => (document === null ? [] : [{ ...document, key }]));
  if (gone.length > 0) {
    await client.query('delete from lifo4.read_model where projection = $1 and key = any($2::text[])', [
      projection.name,
      gone,
    ]);
  }
  if (kept.length === 0) return;
  await client.query({
    name: 'store-documents',
    text: `insert into lifo4.read_model (projection, key, tenant, system_id, status, sort_at, doc)
      select $1, d.key, d.tenant, d."systemId", d.status, d."sortAt", d.doc
      from jsonb_to_recordset($2::jsonb) as d(key text, tenant text, "systemId" text, status text,
        "sortAt" timestamptz, doc jsonb)
      on conflict (projection, key) do update set tenant = excluded.tenant, system_id = excluded.system_id,
        status = excluded.status, sort_at = excluded.sort_at, doc = excluded.doc`,
    values: [projection.name, JSON.stringify(kept)],
  });
}

/** Deletes the documents and the checkpoint's advance, when the fold is another one than wrote them, or on demand. */
export async function startAnew(client: pg.PoolClient, projection: Projection): Promise<void> {
  await client.query('delete from lifo4.read_model where projection = $1', [projection.name]);
  await client.query('update lifo4.checkpoint set seq = 0, version = $2 where projection = $1', [
    projection.name,
    projection.version,
  ]);
}

export async function ensureCheckpoint(pool: pg.Pool, { name, version }: Projection): Promise<void> {
  await pool.query(
    'insert into lifo4.checkpoint (projection, version, seq) values ($1, $2, 0) on conflict do nothing',
    [name, version],
  );
}

export interface Folded {
  readonly outcome: 'folded';
  readonly seq: number;
  /** There may be more facts at once. */
  readonly full: boolean;
}

export type BatchResult =
  | Folded
  /** Another node folds this projection just now, or a newer program has taken it over. */
  | { readonly outcome: 'busy' | 'newer' };

interface Checkpoint {
  readonly seq: string;
  readonly version: number;
}

async function advance(
  client: pg.PoolClient,
  rules: FactRules,
  projection: Projection,
  from: number,
): Promise<BatchResult> {
  const page = await client.query<FeedRow>({ name: 'read-feed', text: FEED_PAGE, values: [from, BATCH] });
  const facts = page.rows.map((row) => toSequencedFact(rules, row));
  const last = facts.at(-1);
  if (last === undefined) return { outcome: 'folded', seq: from, full: false };
  await store(client, projection, await fold(client, projection, facts));
  await client.query({
    name: 'advance-checkpoint',
    text: 'update lifo4.checkpoint set seq = $2 where projection = $1',
    values: [projection.name, last.seq],
  });
  return { outcome: 'folded', seq: last.seq, full: facts.length === BATCH };
}

/**
 * Folds the next facts of the feed in one transaction: documents and checkpoint change together or not at all. The
 * locked checkpoint row keeps other nodes out.
 */
export function foldBatch(pool: pg.Pool, rules: FactRules, projection: Projection): Promise<BatchResult> {
  return inTransaction<BatchResult>(pool, async (client) => {
    const { rows } = await client.query<Checkpoint>({
      name: 'lock-checkpoint',
      text: 'select seq, version from lifo4.checkpoint where projection = $1 for update skip locked',
      values: [projection.name],
    });
    const checkpoint = rows[0];
    if (checkpoint === undefined) return { outcome: 'busy' };
    if (checkpoint.version > projection.version) return { outcome: 'newer' };
    const stale = checkpoint.version < projection.version;
    if (stale) await startAnew(client, projection);
    return advance(client, rules, projection, stale ? 0 : Number(checkpoint.seq));
  });
}
