import type { Files } from '../../src/edge/files.ts';
import type { DeviceStore } from '../../src/ports/device-store.ts';

/** Everything that touches the disk spends one; from the first that cannot, nothing reaches the disk any more. */
export interface Fuse {
  readonly blown: boolean;
  spend(): void;
}

export function createFuse(steps: number): Fuse {
  let left = steps;
  return {
    get blown() {
      return left < 0;
    },
    spend() {
      left -= 1;
      if (left < 0) throw new Error('the power is cut');
    },
  };
}

/** Files whose power fails; a write that is cut leaves half of its bytes. */
export function filesUntil(fuse: Fuse, files: Files): Files {
  const guarded =
    <Args extends unknown[]>(operation: (...args: Args) => Promise<void>) =>
    async (...args: Args) => {
      fuse.spend();
      await operation(...args);
    };
  return {
    ...files,
    makeFolder: files.makeFolder,
    rename: guarded(files.rename),
    remove: guarded(files.remove),
    syncFolder: guarded(files.syncFolder),
    async append(path) {
      fuse.spend();
      const file = await files.append(path);
      return {
        async write(chunk) {
          try {
            fuse.spend();
          } catch (error) {
            await file.write(chunk.subarray(0, chunk.length / 2));
            throw error;
          }
          await file.write(chunk);
        },
        sync: guarded(file.sync),
        close: () => file.close(),
      };
    },
  };
}

export const storeUntil = (fuse: Fuse, store: DeviceStore): DeviceStore => ({
  ...store,
  commit(commit) {
    fuse.spend();
    store.commit(commit);
  },
  beginEffect(key) {
    fuse.spend();
    return store.beginEffect(key);
  },
});
