import type pg from 'pg';
import type { Commit } from '../../ports/event-log.ts';
import { groupStatement, statementOf } from './commit-statement.ts';
import { createGroups } from './groups.ts';

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

/** A commit may wait for a group that itself waits for another's lock, but no longer than this. */
const PATIENCE_MS = 25;
const LARGEST_GROUP = 64;

/**
 * Writes commits, those that are waiting at one moment together in one transaction: one flush to disk for dozens. A
 * group that fails is written again one by one, so that no commit suffers from its neighbours. Rejects with the
 * database's own error.
 */
export const createCommitWriter = (pool: pg.Pool): ((commit: Commit) => Promise<void>) =>
  createGroups<Commit, void>({
    one: (commit) => sendOne(pool, commit),
    several: async (commits) => {
      await pool.query(groupStatement(commits));
      return [];
    },
    largestGroup: LARGEST_GROUP,
    patienceMs: PATIENCE_MS,
  });
