import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Updater } from 'tuf-js';
import {
  createMetadataFetcher,
  type MetadataFetcher,
  type MetadataFetcherOptions,
} from './fetch-metadata.ts';

/**
 * One look at the cloud's signed metadata, by tuf-js: the client workflow of TUF 1.0, section 5. This module is loaded
 * for an update only.
 */

/** Files that later looks are held against, by role: the chain of roots, and what was newest. */
const KEPT = ['root', 'timestamp', 'snapshot', 'targets'] as const;
export type TrustedFiles = Readonly<Partial<Record<(typeof KEPT)[number], string>>>;

export interface LookUp extends Omit<MetadataFetcherOptions, 'signal'> {
  /** A folder for this alone, emptied before and after. */
  readonly folder: string;
  readonly trusted: TrustedFiles;
  readonly now: Date;
}

export interface Looked {
  /** What is signed under the name; null when nothing is. */
  readonly target: { readonly length: number; readonly sha256: string | undefined } | null;
  /** Why it could not be told: what is signed is not to be trusted, or could not be fetched. */
  readonly error: unknown;
  /** Why the server could not be asked, null when it was. */
  readonly interruption: string | null;
  /** What is to be trusted from now on, also after an error. */
  readonly trusted: TrustedFiles;
  readonly traffic: { readonly requests: number; readonly bytes: number };
}

/** Far more than the metadata of 100,000 sites: who sends more does not mean to end. */
const LIMITS = {
  rootMaxLength: 64 * 1024,
  timestampMaxLength: 4 * 1024,
  snapshotMaxLength: 256 * 1024,
  targetsMaxLength: 512 * 1024,
  maxRootRotations: 64,
};

/** tuf-js reads the system's clock, which on a device may stand still or have lost its years. */
function setReferenceTime(updater: Updater, now: Date): void {
  const store: unknown = Reflect.get(updater, 'trustedSet');
  const isKnown =
    typeof store === 'object' && store !== null && Reflect.get(store, 'referenceTime') instanceof Date;
  if (!isKnown || !Reflect.set(store, 'referenceTime', now))
    throw new Error('tuf-js keeps its reference time elsewhere now: adapt setReferenceTime');
}

async function layOut(folder: string, trusted: TrustedFiles): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [role, text] of Object.entries(trusted)) await writeFile(join(folder, `${role}.json`), text);
}

/** tuf-js writes what it has verified; a file that a full disk has cut short is neither old nor what was served. */
async function verifiedSince(
  folder: string,
  before: TrustedFiles,
  fetcher: MetadataFetcher,
): Promise<TrustedFiles> {
  const found = await Promise.all(
    KEPT.map(async (role) => {
      const text = await readFile(join(folder, `${role}.json`), 'utf8').catch(() => undefined);
      return [role, text !== undefined && fetcher.hasServed(text) ? text : before[role]] as const;
    }),
  );
  return Object.fromEntries(found.filter(([, text]) => text !== undefined));
}

const open = ({ folder, metadataUrl, now }: LookUp, fetcher: MetadataFetcher): Updater => {
  const updater = new Updater({
    metadataDir: folder,
    metadataBaseUrl: metadataUrl,
    fetcher,
    config: LIMITS,
  });
  setReferenceTime(updater, now);
  return updater;
};

/** Brings the metadata up to date and looks the name up. Rejects only when the disk or the signal is to blame. */
export async function lookUpTarget(name: string, options: LookUp, signal: AbortSignal): Promise<Looked> {
  const { folder, trusted } = options;
  const fetcher = createMetadataFetcher({ ...options, signal });
  await layOut(folder, trusted);
  let target: Looked['target'] = null;
  let error: unknown = null;
  try {
    const found = await open(options, fetcher).getTargetInfo(name);
    if (found !== undefined) target = { length: found.length, sha256: found.hashes['sha256'] };
  } catch (problem) {
    error = problem;
  }
  const since = await verifiedSince(folder, trusted, fetcher);
  await rm(folder, { recursive: true, force: true });
  signal.throwIfAborted();
  return { target, error, interruption: fetcher.interruption(), trusted: since, traffic: fetcher.traffic() };
}
