import type pg from 'pg';
import type { Commit } from '../../ports/event-log.ts';
import { groupStatement, statementOf } from './commit-statement.ts';

/** An expected version is not there: as the general statement says it. */
class VersionMissing extends Error {
  readonly code = 'LF001';
}

/** The quick statement makes the version from the fact before it: without one it is null. */
const versionIsNull = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  error.code === '23502' &&
  'column' in error &&
  error.column === 'version';

/** The quick statement does not know what to do with an effect's key that is enqueued or done. */
const knownKey = (error: unknown): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === 'effect_pkey';

async function sendOne(pool: pg.Pool, commit: Commit): Promise<void> {
  try {
    await pool.query(statementOf(commit));
  } catch (error) {
    if (versionIsNull(error)) throw new VersionMissing();
    if (!knownKey(error)) throw error;
    await pool.query(groupStatement([commit]));
  }
}

interface Waiting {
  readonly commit: Commit;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One group is under way at a time and all that arrive meanwhile form the next, so that a busy node pays one round
 * trip and one flush to disk for dozens of commits, and a lone writer never waits. No commit waits longer than this
 * for a group before it, which may itself wait for another's lock.
 */
const PATIENCE_MS = 25;
const LARGEST_GROUP = 64;

/**
 * Writes commits, those that are waiting at one moment together in one transaction. A group that fails is written
 * again one by one, so that no commit suffers from its neighbours. Rejects with the database's own error.
 */
export function createCommitWriter(pool: pg.Pool): (commit: Commit) => Promise<void> {
  let queue: Waiting[] = [];
  let turn = 0;
  let busy = false;
  let patience: NodeJS.Timeout | undefined;

  const alone = ({ commit, resolve, reject }: Waiting): Promise<void> =>
    sendOne(pool, commit).then(resolve, reject);

  const together = async (group: readonly Waiting[]): Promise<void> => {
    try {
      await pool.query(groupStatement(group.map(({ commit }) => commit)));
      for (const { resolve } of group) resolve();
    } catch {
      await Promise.all(group.map(alone));
    }
  };
  const next = (): void => {
    clearTimeout(patience);
    const group = queue.slice(0, LARGEST_GROUP);
    queue = queue.slice(LARGEST_GROUP);
    const [first, second] = group;
    busy = first !== undefined;
    if (first === undefined) return;
    if (queue.length > 0) patience = setTimeout(next, PATIENCE_MS);
    turn += 1;
    const own = turn;
    const done = (): void => {
      if (turn === own) next();
    };
    // Those whose commits were written together ask again together: wait for all that this turn brings.
    if (second === undefined) void alone(first).then(done);
    else void together(group).then(() => setImmediate(done));
  };
  return (commit) =>
    new Promise((resolve, reject) => {
      queue.push({ commit, resolve, reject });
      if (!busy) next();
      // A lone writer pays for no timer.
      else if (queue.length === 1) patience = setTimeout(next, PATIENCE_MS);
    });
}
