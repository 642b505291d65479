import { ArtifactCorrupt, ArtifactMissing, type ArtifactStore } from '../ports/artifact-store.ts';

/** What is wrong with the file of a version, and what to do about it. */
export interface ArtifactTrouble {
  readonly code: 'artifact-gone' | 'artifact-corrupt';
  readonly message: string;
}

/** The bytes of a version's file, or what is wrong with them. Other errors of the store pass. */
export async function readVersionFile(
  artifacts: Pick<ArtifactStore, 'get'>,
  version: string,
  checksum: string,
): Promise<Uint8Array | ArtifactTrouble> {
  try {
    return await artifacts.get(checksum);
  } catch (error) {
    if (error instanceof ArtifactMissing) {
      const message = `the file of version ${version} (${checksum}) is no longer in the store: take it back from a backup, or train a new version with POST /api/v1/ml/retrain`;
      return { code: 'artifact-gone', message };
    }
    if (!(error instanceof ArtifactCorrupt)) throw error;
    const message = `the stored file of version ${version} is not what was trained (${checksum}): put the right one back from a backup, or train a new version with POST /api/v1/ml/retrain`;
    return { code: 'artifact-corrupt', message };
  }
}
