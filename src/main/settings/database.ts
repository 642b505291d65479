import { address, type Environment, wholeNumber } from './read.ts';

/** How this node uses PostgreSQL. */
export interface DatabaseSettings {
  /** An outside server; null for the embedded one. */
  readonly url: string | null;
  /** Connections of this node; one more listens for notifications. */
  readonly maxConnections: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
}

const SECOND_MS = 1_000;

/** Throws `BadSetting`. */
export const readDatabase = (env: Environment): DatabaseSettings => ({
  url: address(env, 'DATABASE_URL', ['postgres:', 'postgresql:']),
  maxConnections: wholeNumber(env, 'DATABASE_CONNECTIONS', 10, { min: 2, max: 1_000 }),
  statementTimeoutMs: wholeNumber(env, 'DATABASE_STATEMENT_SECONDS', 60, { min: 1, max: 86_400 }) * SECOND_MS,
  lockTimeoutMs: wholeNumber(env, 'DATABASE_LOCK_SECONDS', 15, { min: 1, max: 3_600 }) * SECOND_MS,
});
