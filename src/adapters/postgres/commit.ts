import type pg from 'pg';
import { type FactRules, InvalidFact } from '../../events/catalogue.ts';
import { REGISTRY_KINDS, type RegistryKind } from '../../events/registry.ts';
import {
  type Commit,
  LeaseLost,
  RegistryConflict,
  type StreamAppend,
  VersionConflict,
} from '../../ports/event-log.ts';
import { insist, type Patience } from '../../ports/insist.ts';
import { createCommitWriter } from './commit-groups.ts';
import { errorCode } from './connect.ts';

/** Longest stream id and event id: far above what we make, far below what an index can hold. */
const MAX_ID_LENGTH = 250;
/** About ten seconds: a server that restarts is back by then. */
const PATIENCE: Patience = { attempts: 9, firstPauseMs: 40 };

type CommitWriter = (commit: Commit) => Promise<void>;

function check(rules: FactRules, appends: readonly StreamAppend[]): void {
  for (const { streamId, facts } of appends) {
    for (const { eventId, fact } of facts) {
      if (streamId.length > MAX_ID_LENGTH || eventId.length > MAX_ID_LENGTH) {
        const shown = streamId.slice(0, 80);
        throw new InvalidFact(shown, fact.type, [`ids are at most ${MAX_ID_LENGTH} characters long`]);
      }
      rules.assertFact(streamId, fact);
    }
  }
}

/** True when every fact of the commit already stands in the log: an earlier try of the same commit was written. */
async function alreadyStands(pool: pg.Pool, commit: Commit): Promise<boolean> {
  const ids = commit.appends.flatMap(({ facts }) => facts.map(({ eventId }) => eventId));
  if (ids.length === 0) return false;
  const { rows } = await pool.query<{ found: number }>(
    'select count(*)::integer as found from lifo4.event where event_id = any($1::text[])',
    [ids],
  );
  return rows[0]?.found === new Set(ids).size;
}

async function versionConflict(
  pool: pg.Pool,
  appends: readonly StreamAppend[],
): Promise<VersionConflict | null> {
  const withFacts = appends.filter(({ facts }) => facts.length > 0);
  const { rows } = await pool.query<{ stream_id: string; head: number }>(
    'select stream_id, max(version) as head from lifo4.event where stream_id = any($1::text[]) group by stream_id',
    [withFacts.map(({ streamId }) => streamId)],
  );
  const heads = new Map(rows.map((row) => [row.stream_id, row.head]));
  const moved = withFacts.find(
    ({ streamId, expectedVersion }) => (heads.get(streamId) ?? 0) !== expectedVersion,
  );
  const blamed = moved ?? withFacts[0];
  return blamed === undefined ? null : new VersionConflict(blamed.streamId, blamed.expectedVersion);
}

const isKind = (value: unknown): value is RegistryKind => REGISTRY_KINDS.some((kind) => kind === value);

function registryConflict(error: unknown): RegistryConflict | null {
  if (!(error instanceof Error) || !('detail' in error)) return null;
  const { kind, key, holder } = JSON.parse(String(error.detail));
  return isKind(kind) ? new RegistryConflict(kind, String(key), String(holder)) : null;
}

function unstorable(appends: readonly StreamAppend[]): InvalidFact | null {
  const append = appends.find(({ facts }) => facts.length > 0);
  const type = append?.facts[0]?.fact.type;
  if (append === undefined || type === undefined) return null;
  const problem = 'its text holds a null character or half of a surrogate pair, which the log cannot store';
  return new InvalidFact(append.streamId, type, [problem]);
}

/** Errors by which the database refuses a commit, and what they mean; the error itself when it tells nothing. */
async function meaning(pool: pg.Pool, { appends, completes }: Commit, error: unknown): Promise<unknown> {
  switch (errorCode(error)) {
    case 'LF001':
    case '23505':
      return (await versionConflict(pool, appends)) ?? error;
    case 'LF002':
      return registryConflict(error) ?? error;
    case 'LF003':
      return completes === undefined ? error : new LeaseLost(completes.key);
    case '22P05':
    case '22P02':
      return unstorable(appends) ?? error;
    case null:
      return error;
  }
  return error;
}

const PASSING = /^(40001|40P01|53300|55P03|57P0[123]|08...|ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT)$/;

/** A deadlock, a lock that was waited for too long, or a connection that broke: the same commit may pass later. */
function mayPass(error: unknown): boolean {
  const code = errorCode(error);
  if (code !== null) return PASSING.test(code);
  return error instanceof Error && /connection (terminated|error|timeout)|not queryable/i.test(error.message);
}

const REPEATED = ['23505', 'LF001', 'LF003'];

/**
 * Gives a function that writes a commit, or nothing of it; nothing, too, when its facts already stand. A commit
 * whose fate is unknown because the connection broke is repeated, and the event ids tell whether it was written.
 */
export function createCommit(pool: pg.Pool, rules: FactRules): CommitWriter {
  const writer = createCommitWriter(pool);

  async function once(commit: Commit): Promise<void> {
    try {
      await writer(commit);
    } catch (error) {
      if (!REPEATED.includes(errorCode(error) ?? '') || !(await alreadyStands(pool, commit))) throw error;
    }
  }
  return async (commit) => {
    check(rules, commit.appends);
    // Only event ids make a repetition harmless: a commit without facts is never repeated by itself.
    const attempts = commit.appends.some(({ facts }) => facts.length > 0) ? PATIENCE.attempts : 1;
    try {
      await insist(() => once(commit), { ...PATIENCE, attempts, mayPass, onRetry: () => undefined });
    } catch (error) {
      throw await meaning(pool, commit, error);
    }
  };
}
