import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ArtifactRef } from '../events/values.ts';
import type { Files } from './files.ts';
import { replaceFile } from './replace-file.ts';

/**
 * The models folder: `forecast.onnx` serves, `forecast_previous.onnx` is what served before. Files take their
 * places by rename only, so each place holds a whole file or none at every instant; every step can be repeated.
 */

const ACTIVE = 'forecast.onnx';
const PREVIOUS = 'forecast_previous.onnx';
const INCOMING = 'incoming-';
const CARRIED = 'carried-';
const CARRYING = 'carrying.part';

export const checksumOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export interface ModelFolder {
  /** Where the file with this checksum is downloaded to. */
  incomingPath(checksum: string): string;
  /** Bytes that the folder's disk has left. */
  free(): Promise<number>;
  /** The bytes of a download, whatever they are; null when there is none. */
  readIncoming(checksum: string): Promise<Uint8Array | null>;
  /** Makes the names of downloads durable; their bytes are the writer's to sync. */
  syncIncoming(): Promise<void>;
  /** Removes downloads, but for that of `keep`. */
  clearIncoming(keep: string | null): Promise<void>;
  /** Where a carried model is written until it is known to be the one that was signed. */
  readonly carryingPath: string;
  /** Keeps it as the one with this checksum, and no other. */
  keepCarried(checksum: string): Promise<void>;
  /** Puts a carried model where its download would have left it; nothing happens when there is none. */
  takeCarried(checksum: string): Promise<void>;
  /** Removes carried models, but for that of `keep`. */
  clearCarried(keep: string | null): Promise<void>;
  /** Verified bytes of an installed model, from whichever place holds them; null when neither does. */
  readModel(checksum: string): Promise<Uint8Array | null>;
  /**
   * Moves the download of `target` to `forecast.onnx`, and what serves to `forecast_previous.onnx`. False, with
   * nothing changed, when the download is lost or damaged.
   */
  swap(target: ArtifactRef, running: ArtifactRef | null): Promise<boolean>;
  /** Removes `forecast_previous.onnx`. */
  removePrevious(): Promise<void>;
  /** Moves the previous model back, or, when there is none, the failed one away. True when one serves again. */
  restore(previous: ArtifactRef | null): Promise<boolean>;
}

export function createModelFolder(folder: string, files: Files): ModelFolder {
  const active = join(folder, ACTIVE);
  const previous = join(folder, PREVIOUS);
  const named = (prefix: string, checksum: string) => `${prefix}${checksum.replace('sha256:', '')}.part`;
  const incomingPath = (checksum: string) => join(folder, named(INCOMING, checksum));
  const carriedPath = (checksum: string) => join(folder, named(CARRIED, checksum));
  const carryingPath = join(folder, CARRYING);

  async function holding(path: string, checksum: string): Promise<Uint8Array | null> {
    const bytes = await files.read(path);
    return bytes !== null && checksumOf(bytes) === checksum ? bytes : null;
  }

  async function move(from: string, to: string): Promise<void> {
    await files.rename(from, to);
    await files.syncFolder(folder);
  }

  async function removeActive(): Promise<false> {
    await files.remove(active);
    await files.syncFolder(folder);
    return false;
  }

  async function clear(prefix: string, keep: string | null): Promise<void> {
    const kept = keep === null ? null : named(prefix, keep);
    const names = await files.list(folder);
    for (const name of names.filter((file) => file.startsWith(prefix) && file !== kept))
      await files.remove(join(folder, name));
  }

  return {
    incomingPath,
    carryingPath,
    free: () => files.free(folder),
    readIncoming: (checksum) => files.read(incomingPath(checksum)),
    syncIncoming: () => files.syncFolder(folder),
    clearIncoming: (keep) => clear(INCOMING, keep),
    clearCarried: (keep) => clear(CARRIED, keep),
    async keepCarried(checksum) {
      await move(carryingPath, carriedPath(checksum));
      await clear(CARRIED, checksum);
    },
    async takeCarried(checksum) {
      if ((await files.read(carriedPath(checksum))) !== null)
        await move(carriedPath(checksum), incomingPath(checksum));
    },
    readModel: async (checksum) => (await holding(active, checksum)) ?? (await holding(previous, checksum)),
    async swap(target, running) {
      if ((await holding(active, target.checksum)) !== null) return true;
      if ((await holding(incomingPath(target.checksum), target.checksum)) === null) return false;
      // A copy, not a move: until the rename below, `forecast.onnx` goes on being the model that serves.
      const serving = running === null ? null : await holding(active, running.checksum);
      if (serving !== null) await replaceFile(files, previous, serving);
      await move(incomingPath(target.checksum), active);
      return true;
    },
    async removePrevious() {
      await files.remove(previous);
      await files.syncFolder(folder);
    },
    async restore(model) {
      if (model === null) return removeActive();
      if ((await holding(active, model.checksum)) !== null) return true;
      if ((await holding(previous, model.checksum)) === null) return removeActive();
      await move(previous, active);
      return true;
    },
  };
}
