import type pg from 'pg';
import type { Logger } from 'pino';
import type { FactRules } from '../../events/catalogue.ts';
import type { Projection } from '../../projections/projection.ts';
import { inTransaction } from './connect.ts';
import { type BatchResult, ensureCheckpoint, type Folded, foldBatch, startAnew } from './fold-batch.ts';
import { type Bell, ringOrTimeout } from './notifications.ts';
import { foldedUpTo } from './read-models.ts';

export interface ProjectionRunnerOptions {
  readonly pool: pg.Pool;
  readonly logger: Logger;
  readonly projections: readonly Projection[];
  /** Rings when facts were sequenced. */
  readonly sequenced: Bell;
  /** Rung when a projection advanced. */
  readonly folded: Bell;
  readonly rules: FactRules;
  /** Longest time between two looks at the feed, in ms. Default 1000. */
  readonly pollMs?: number | undefined;
}

export interface ProjectionStatus {
  readonly projection: string;
  /** Folded up to this `seq`, as far as this node has seen. */
  readonly seq: number;
  /** Why it stands still, or null. */
  readonly error: string | null;
}

export interface ProjectionRunner {
  /** Folds the projection again from nothing; resolves when it has caught up. Throws on an unknown name. */
  rebuild(name: string): Promise<void>;
  status(): readonly ProjectionStatus[];
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 100;
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;

interface Loop {
  readonly projection: Projection;
  wake(): void;
  status(): ProjectionStatus;
  close(): Promise<void>;
}

function startLoop(options: ProjectionRunnerOptions, projection: Projection): Loop {
  const { pool, logger, rules, pollMs = 1_000 } = options;
  let status: ProjectionStatus = { projection: projection.name, seq: 0, error: null };
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  let woken = false;
  let closed = false;
  let backoff = FIRST_BACKOFF_MS;

  const advanced = ({ seq, full }: Folded): number => {
    const moved = seq !== status.seq;
    status = { projection: projection.name, seq, error: null };
    if (moved) options.folded.ring();
    return full ? 0 : pollMs;
  };
  const nextDelay = (result: BatchResult): number => {
    backoff = FIRST_BACKOFF_MS;
    if (result.outcome === 'folded') return advanced(result);
    return result.outcome === 'busy' ? pollMs : LONGEST_BACKOFF_MS;
  };
  const failed = (error: unknown): number => {
    if (closed) return LONGEST_BACKOFF_MS;
    status = { ...status, error: String(error) };
    logger.error({ err: error, ...status, retryMs: backoff }, 'a projection stands still');
    backoff = Math.min(LONGEST_BACKOFF_MS, backoff * 2);
    return backoff;
  };
  const turn = async (): Promise<number> => {
    await ensureCheckpoint(pool, projection);
    return nextDelay(await foldBatch(pool, rules, projection));
  };
  const start = (): void => {
    woken = false;
    running = turn()
      .catch(failed)
      .then((delayMs) => {
        running = null;
        if (!closed) timer = setTimeout(start, woken ? 0 : delayMs);
      });
  };
  start();
  return {
    projection,
    wake: () => {
      woken = true;
      if (running !== null || closed || status.error !== null) return;
      clearTimeout(timer);
      start();
    },
    status: () => status,
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}

/** Keeps the projections folded. Every node may run one: a projection is folded by one node at a time. */
export function runProjections(options: ProjectionRunnerOptions): ProjectionRunner {
  const loops = options.projections.map((projection) => startLoop(options, projection));
  const off = options.sequenced.on(() => {
    for (const loop of loops) loop.wake();
  });
  const headSeq = async (): Promise<number> => {
    const { rows } = await options.pool.query<{ head: string | null }>(
      'select max(seq) as head from lifo4.feed',
    );
    return Number(rows[0]?.head ?? 0);
  };
  return {
    rebuild: async (name) => {
      const loop = loops.find(({ projection }) => projection.name === name);
      if (loop === undefined) {
        const known = loops.map(({ projection }) => projection.name).join(', ');
        throw new RangeError(`no projection ${name}: there are ${known}`);
      }
      await ensureCheckpoint(options.pool, loop.projection);
      await inTransaction(options.pool, async (client) => {
        await client.query('select 1 from lifo4.checkpoint where projection = $1 for update', [name]);
        await startAnew(client, loop.projection);
      });
      const target = await headSeq();
      while ((await foldedUpTo(options.pool, name)) < target) {
        loop.wake();
        await ringOrTimeout(options.folded, LOOK_EVERY_MS);
      }
    },
    status: () => loops.map((loop) => loop.status()),
    close: async () => {
      off();
      await Promise.all(loops.map((loop) => loop.close()));
    },
  };
}
