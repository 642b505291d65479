import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { loadTrustSigners } from '../adapters/keys/trust-keys.ts';
import { keepTrust } from '../cloud/trust/keep.ts';
import { createTrustPublisher, type TrustPublisher } from '../cloud/trust/publisher.ts';
import { publishRoot } from '../cloud/trust/roots.ts';
import type { TrustSigner } from '../ota/tuf/keys.ts';
import type { Clock } from '../ports/clocks.ts';
import type { TrustStore } from '../ports/trust-store.ts';
import type { Closing } from './closing.ts';
import { BadSetting } from './settings/read.ts';
import type { TrustSettings } from './settings/trust.ts';

/** What makes a cloud's models trusted by its devices, on the nodes that need it. */

const ROOT_FILE = /^(\d+)\.root\.json$/;

/** The roots of a folder that come after the published one, in their order. */
async function laterRoots(folder: string, published: number): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .map((name) => ({ name, version: Number(ROOT_FILE.exec(name)?.[1] ?? 0) }))
    .filter(({ version }) => version > published)
    .sort((a, b) => a.version - b.version)
    .map(({ name }) => join(folder, name));
}

/** Publishes what lies in the folder and is not published yet. Rejects with {@link BadSetting}. */
export async function publishRootsOf(folder: string, store: TrustStore, logger: Logger): Promise<void> {
  const published = (await store.latest('root'))?.version ?? 0;
  for (const path of await laterRoots(folder, published)) {
    const version = await publishRoot(store, await readFile(path, 'utf8')).catch((error: Error) => {
      throw new BadSetting(path, error.message);
    });
    logger.warn({ version, path }, 'a root is published: devices trust the keys that it names');
  }
}

/** Keys that are read when they are needed, so that one that is put there later is found. */
export const keysOf =
  (folder: string, passphrase: string | undefined) => (): Promise<readonly TrustSigner[]> =>
    loadTrustSigners(folder, passphrase);

export interface OpenTrustOptions {
  readonly settings: TrustSettings;
  readonly store: TrustStore;
  /** Machine clock. */
  readonly clock: Clock;
  readonly logger: Logger;
  readonly closing: Closing;
}

/** The cloud node's side: publishes roots, keeps timestamp and snapshot fresh, has targets signed. */
export async function openTrust(options: OpenTrustOptions): Promise<TrustPublisher> {
  const { settings, store, clock, closing } = options;
  const logger = options.logger.child({ part: 'trust' });
  await publishRootsOf(settings.rootsFolder, store, logger);
  if ((await store.latest('root')) === null)
    logger.warn(
      'no root is published: models are trusted by the key of their assignment alone (docs/keys.md)',
    );
  const { onlineFolder, passphrase, lifetimes } = settings;
  const signers = keysOf(onlineFolder, passphrase);
  const publisher = createTrustPublisher({ store, signers, clock, lifetimes, logger });
  closing.add('trust', keepTrust(publisher, store, logger));
  return publisher;
}
