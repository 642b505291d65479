import type pg from 'pg';
import { InvalidCursor, type ListQuery, type Page, type ReadModels } from '../../ports/read-models.ts';
import { type Bell, ringOrTimeout } from './notifications.ts';

export interface ReadModelsOptions {
  readonly pool: pg.Pool;
  /** Rings when a projection of this node advanced. */
  readonly folded: Bell;
}

interface ListRow {
  readonly key: string;
  readonly sort_at: string;
  readonly doc: unknown;
}

const MAX_PAGE = 1_000;
/** Another node may be the one that folds, so that waiting also looks. */
const LOOK_EVERY_MS = 50;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/;

const encodeCursor = ({ sort_at, key }: ListRow): string =>
  Buffer.from(JSON.stringify([sort_at, key])).toString('base64url');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function decodeCursor(cursor: string): readonly [string, string] {
  const value = parseJson(Buffer.from(cursor, 'base64url').toString());
  if (!Array.isArray(value) || value.length !== 2) throw new InvalidCursor();
  const [sortAt, key] = value;
  if (typeof sortAt !== 'string' || typeof key !== 'string' || key.includes('\0')) throw new InvalidCursor();
  if (!INSTANT.test(sortAt) || Number.isNaN(Date.parse(sortAt))) throw new InvalidCursor();
  return [sortAt, key];
}

async function list(pool: pg.Pool, projection: string, query: ListQuery): Promise<Page<unknown>> {
  const limit = Math.min(Math.max(1, query.limit), MAX_PAGE);
  const [sortAt, key] = query.cursor === undefined ? [null, null] : decodeCursor(query.cursor);
  const { rows } = await pool.query<ListRow>({
    name: `list-read-models${sortAt === null ? '' : '-on'}`,
    text: `select key, doc, to_char(sort_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as sort_at
      from lifo4.read_model
      where projection = $1 and tenant = $2
        and ($3::text[] is null or system_id = any($3::text[]))
        and ($4::text is null or status = $4)
        ${sortAt === null ? 'and coalesce($5::text, $6::text) is null' : 'and (sort_at, key) < ($5::timestamptz, $6::text)'}
      order by sort_at desc, key desc limit $7`,
    values: [projection, query.tenant, query.systemIds ?? null, query.status ?? null, sortAt, key, limit + 1],
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(({ doc }) => doc),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(last) : null,
  };
}

/** The last `seq` that the projection has folded, on whichever node; 0 when it never ran. */
export async function foldedUpTo(pool: pg.Pool, projection: string): Promise<number> {
  const { rows } = await pool.query<{ seq: string }>({
    name: 'checkpoint',
    text: 'select seq from lifo4.checkpoint where projection = $1',
    values: [projection],
  });
  return Number(rows[0]?.seq ?? 0);
}

/** Documents that projections folded, on Postgres. */
export function createPostgresReadModels({ pool, folded }: ReadModelsOptions): ReadModels {
  return {
    get: async <Doc>(projection: string, key: string) => {
      const { rows } = await pool.query<{ doc: Doc }>({
        name: 'get-read-model',
        text: 'select doc from lifo4.read_model where projection = $1 and key = $2',
        values: [projection, key],
      });
      return rows[0]?.doc ?? null;
    },
    list: async <Doc>(projection: string, query: ListQuery) =>
      // The caller names the type of the documents that its projection wrote.
      (await list(pool, projection, query)) as Page<Doc>,
    caughtUp: async (projection, seq, timeoutMs) => {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        if ((await foldedUpTo(pool, projection)) >= seq) return true;
        const left = deadline - performance.now();
        if (left <= 0) return false;
        await ringOrTimeout(folded, Math.min(left, LOOK_EVERY_MS));
      }
    },
  };
}
