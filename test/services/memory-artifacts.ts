import {
  ArtifactCorrupt,
  ArtifactMissing,
  type ArtifactPlace,
  type ArtifactStore,
  checksumOf,
} from '../../src/ports/artifact-store.ts';

/** A store in memory whose files can be lost or damaged behind its back, named by the text that they hold. */
export interface MemoryArtifacts extends ArtifactStore {
  lose(text: string): void;
  damage(text: string): void;
}

interface File {
  readonly bytes: Uint8Array;
  readonly place: ArtifactPlace;
}

const checksumOfText = (text: string): string => checksumOf(new TextEncoder().encode(text));

export function memoryArtifacts(): MemoryArtifacts {
  const files = new Map<string, File>();
  const find = (checksum: string): File => {
    const file = files.get(checksum);
    if (file === undefined) throw new ArtifactMissing(checksum);
    return file;
  };
  const move = async (checksum: string, place: ArtifactPlace) =>
    void files.set(checksum, { ...find(checksum), place });
  return {
    put: async (bytes) => {
      const checksum = checksumOf(bytes);
      files.set(checksum, { bytes, place: 'kept' });
      return { checksum, size: bytes.length };
    },
    get: async (checksum) => {
      const { bytes } = find(checksum);
      if (checksumOf(bytes) !== checksum) throw new ArtifactCorrupt(checksum);
      return bytes;
    },
    size: async (checksum) => files.get(checksum)?.bytes.length ?? null,
    read: async (checksum, range) => {
      const { bytes } = find(checksum);
      const part = range === undefined ? bytes : bytes.subarray(range.start, range.end + 1);
      return (async function* () {
        yield part;
      })();
    },
    signedUrl: async (checksum) => `memory:${checksum}`,
    archive: (checksum) => move(checksum, 'archived'),
    unarchive: (checksum) => move(checksum, 'kept'),
    place: async (checksum) => files.get(checksum)?.place ?? null,
    remove: async (checksum) => void files.delete(checksum),
    lose: (text) => void files.delete(checksumOfText(text)),
    damage: (text) => {
      const checksum = checksumOfText(text);
      files.set(checksum, { ...find(checksum), bytes: new Uint8Array([1]) });
    },
  };
}
