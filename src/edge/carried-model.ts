import type { Assignment } from '../events/device-journal.ts';
import type { DeviceStore } from '../ports/device-store.ts';
import type { Download } from './download.ts';
import type { ModelFolder } from './model-folder.ts';
import { DownloadInterrupted } from './refusals.ts';

type Settings = Pick<DeviceStore, 'setting' | 'saveSetting'>;

const SETTING = 'carried-model';
const NONE = '';

const keyOf = ({ assignment, artifact }: Assignment): string => `${assignment} ${artifact.checksum}`;

/** Remembers that the model of this assignment was carried here, signed as over the link, and lies in the folder. */
export const noteCarried = (store: Settings, target: Assignment): void =>
  store.saveSetting(SETTING, keyOf(target));

/** Whether it was: its installation takes nothing of the link. */
export const wasCarried = (store: Pick<Settings, 'setting'>, target: Assignment): boolean =>
  store.setting(SETTING) === keyOf(target);

export interface CarriedDownloadOptions {
  readonly store: Settings;
  readonly folder: ModelFolder;
  /** Finds what lies here already, and holds it against its checksum. */
  readonly download: Download;
  /** How models come over the link. */
  readonly overLink: Download;
}

/** The download of a model that may have been carried here: then no byte is fetched, neither of it nor of metadata. */
export const carriedDownload =
  ({ store, folder, download, overLink }: CarriedDownloadOptions): Download =>
  async (target, signal, onProgress) => {
    if (!wasCarried(store, target)) {
      const bytes = await overLink(target, signal, onProgress);
      // It was carried here while it was fetched.
      if (wasCarried(store, target)) await folder.clearCarried(null);
      return bytes;
    }
    const { checksum, size } = target.artifact;
    await folder.takeCarried(checksum);
    if ((await folder.readIncoming(checksum))?.length === size) return download(target, signal, onProgress);
    store.saveSetting(SETTING, NONE);
    throw new DownloadInterrupted('the model that was carried here is gone: it is fetched over the link');
  };
