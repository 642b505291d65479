import type pg from 'pg';
import type { Commit } from '../../ports/event-log.ts';
import { type CommitStatement, groupStatement, statementOf } from './commit-statement.ts';

/** An expected version is not there: as the database would have said it. */
class ShortWrite extends Error {
  readonly code = 'LF001';
}

async function send(pool: pg.Pool, { rows, ...query }: CommitStatement): Promise<void> {
  const { rowCount } = await pool.query(query);
  if (rowCount !== rows) throw new ShortWrite();
}

/** The quick statement does not know what to do with an effect's key that is enqueued or done. */
const knownKey = (error: unknown): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === 'effect_pkey';

async function sendOne(pool: pg.Pool, commit: Commit): Promise<void> {
  try {
    await send(pool, statementOf(commit));
  } catch (error) {
    if (!knownKey(error)) throw error;
    await send(pool, groupStatement([commit]));
  }
}

interface Waiting {
  readonly commit: Commit;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One group is under way at a time and all that arrive meanwhile form the next, so that a busy node pays one round
 * trip and one flush to disk for dozens of commits, and a lone writer never waits. A group that takes longer than
 * this (it waits for another's lock) no longer holds the others back.
 */
const PATIENCE_MS = 25;
const LARGEST_GROUP = 64;

/**
 * Writes commits, those that are waiting at one moment together in one transaction. A group that fails is written
 * again one by one, so that no commit suffers from its neighbours. Rejects with the database's own error.
 */
export function createCommitWriter(pool: pg.Pool): (commit: Commit) => Promise<void> {
  let queue: Waiting[] = [];
  let busy = false;
  let current: NodeJS.Timeout | undefined;

  const alone = ({ commit, resolve, reject }: Waiting): Promise<void> =>
    sendOne(pool, commit).then(resolve, reject);

  const together = async (group: readonly Waiting[]): Promise<void> => {
    try {
      await send(pool, groupStatement(group.map(({ commit }) => commit)));
      for (const { resolve } of group) resolve();
    } catch {
      await Promise.all(group.map(alone));
    }
  };
  const write = (group: readonly Waiting[]): void => {
    const [first, second] = group;
    if (first === undefined) return;
    busy = true;
    const done = (): void => {
      clearTimeout(timer);
      if (current !== timer) return;
      // Those whose commits were written together ask again together: wait for all that this turn brings.
      if (second === undefined) next();
      else setImmediate(next);
    };
    const timer = setTimeout(done, PATIENCE_MS);
    current = timer;
    void (second === undefined ? alone(first) : together(group)).then(done);
  };
  const next = (): void => {
    busy = false;
    const group = queue.slice(0, LARGEST_GROUP);
    queue = queue.slice(LARGEST_GROUP);
    write(group);
  };
  return (commit) =>
    new Promise((resolve, reject) => {
      queue.push({ commit, resolve, reject });
      if (!busy) next();
    });
}
