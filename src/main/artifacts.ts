import { join } from 'node:path';
import type { Logger } from 'pino';
import { createFileArtifactStore } from '../adapters/filesystem/artifact-store.ts';
import { openS3ArtifactStore } from '../adapters/s3/artifact-store.ts';
import type { AddressedArtifactStore } from '../ports/artifact-store.ts';
import type { SignedAddressOptions } from '../ports/signed-addresses.ts';
import type { Closing } from './closing.ts';
import type { Config } from './config.ts';

/** Where models and data sets lie. */
export interface OpenedArtifacts {
  readonly store: AddressedArtifactStore;
  /** Rejects when an outside store does not answer; null for a folder. */
  readonly check: (() => Promise<void>) | null;
}

/** The outside object store that the settings name, or a folder. Throws `S3Unfit`. */
export async function openArtifacts(
  { objectStore, dataDir }: Pick<Config, 'objectStore' | 'dataDir'>,
  addresses: SignedAddressOptions,
  logger: Logger,
  closing: Closing,
): Promise<OpenedArtifacts> {
  if (objectStore === null) {
    const folder = join(dataDir, 'artifacts');
    return { store: await createFileArtifactStore({ folder, ...addresses }), check: null };
  }
  const store = await openS3ArtifactStore({
    ...objectStore,
    ...addresses,
    logger: logger.child({ part: 'artifacts' }),
  });
  closing.add('object store', () => store.close());
  return { store, check: () => store.check() };
}
