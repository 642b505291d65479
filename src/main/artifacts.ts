import { join } from 'node:path';
import type { Logger } from 'pino';
import { createFileArtifactStore } from '../adapters/filesystem/artifact-store.ts';
import { loadSecret } from '../adapters/keys/secret.ts';
import { openS3ArtifactStore } from '../adapters/s3/artifact-store.ts';
import type { AddressedArtifactStore } from '../ports/artifact-store.ts';
import type { Clock } from '../ports/clocks.ts';
import { addressKeyFile, inKeysFolder } from './access.ts';
import type { Closing } from './closing.ts';
import type { Config } from './config.ts';

/** Where models and data sets lie. */
export interface OpenedArtifacts {
  readonly store: AddressedArtifactStore;
  /** Rejects when an outside store does not answer; null for a folder. */
  readonly check: (() => Promise<void>) | null;
}

type Place = Pick<Config, 'objectStore' | 'dataDir' | 'keysDir' | 'publicUrl' | 'host' | 'port'>;

/** The address under which people and devices reach the API. */
export const publicUrlOf = ({ publicUrl, host, port }: Pick<Config, 'publicUrl' | 'host' | 'port'>): string =>
  publicUrl ?? `http://${host}:${port}`;

/** The outside object store that the settings name, or a folder. Throws `S3Unfit`. */
export async function openArtifacts(
  place: Place,
  clock: Clock,
  logger: Logger,
  closing: Closing,
): Promise<OpenedArtifacts> {
  const { objectStore, dataDir, keysDir } = place;
  const addresses = {
    signingKey: await inKeysFolder(keysDir, () => loadSecret(addressKeyFile(keysDir))),
    baseUrl: `${publicUrlOf(place)}/api/v1/artifacts`,
    clock,
  };
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
