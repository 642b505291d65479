import { join, resolve } from 'node:path';
import type { TrustLifetimes } from '../../cloud/trust/lifetimes.ts';
import { type Environment, text, wholeNumber } from './read.ts';

/** What signed metadata is made with, and how long it holds. */
export interface TrustSettings {
  /** Roots that nodes publish at their start: `1.root.json` and so on. */
  readonly rootsFolder: string;
  /** Keys of the snapshot and the timestamp, which every cloud node needs. */
  readonly onlineFolder: string;
  /** The targets key: for the signer alone. */
  readonly signerFolder: string;
  /** Of the key files, where they have one. */
  readonly passphrase: string | undefined;
  readonly lifetimes: TrustLifetimes;
  /** Targets are divided among 2^`binBits` files. */
  readonly binBits: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Throws `BadSetting`. */
export function readTrust(env: Environment, keysDir: string): TrustSettings {
  const days = (name: string, fallback: number) =>
    wholeNumber(env, name, fallback, { min: 1, max: 3_650 }) * DAY_MS;
  const folder = join(keysDir, 'trust');
  return {
    rootsFolder: folder,
    onlineFolder: join(folder, 'online'),
    signerFolder: resolve(text(env, 'LIFO4_SIGNER_KEYS') ?? join(folder, 'signer')),
    passphrase: text(env, 'LIFO4_KEY_PASSPHRASE'),
    lifetimes: {
      timestampMs: wholeNumber(env, 'LIFO4_TRUST_TIMESTAMP_HOURS', 24, { min: 1, max: 24 * 365 }) * HOUR_MS,
      snapshotMs: days('LIFO4_TRUST_SNAPSHOT_DAYS', 7),
      targetsMs: days('LIFO4_TRUST_TARGETS_DAYS', 90),
    },
    binBits: wholeNumber(env, 'LIFO4_TRUST_BIN_BITS', 8, { min: 1, max: 12 }),
  };
}
