import type { Logger } from 'pino';
import type { ForecastMessage } from '../ota/messages.ts';
import type { DeviceStore } from '../ports/device-store.ts';
import type { Files } from './files.ts';
import { messageOf } from './refusals.ts';
import { replaceFile } from './replace-file.ts';

/** Where programs at the site find the latest forecast: in the device's memory over restarts, and as a file. */
export interface ForecastOutlet {
  latest(): ForecastMessage | null;
  put(forecast: ForecastMessage): void;
  /** Resolves when the last file is written. */
  close(): Promise<void>;
}

export interface ForecastOutletOptions {
  readonly store: DeviceStore;
  readonly files: Files;
  readonly logger: Logger;
  /** Path of the file; none is written where it is null. */
  readonly forecastFile: string | null;
}

const SETTING = 'last-forecast';

/** The forecast that a device's store remembers. */
export const readLastForecast = (store: Pick<DeviceStore, 'setting'>): ForecastMessage | null => {
  const value = store.setting(SETTING);
  return value === null ? null : JSON.parse(value);
};

export function createForecastOutlet(options: ForecastOutletOptions): ForecastOutlet {
  const { store, files, logger, forecastFile } = options;
  let latest = readLastForecast(store);
  let writing: Promise<void> = Promise.resolve();

  async function write(path: string, forecast: ForecastMessage): Promise<void> {
    try {
      await replaceFile(files, path, Buffer.from(`${JSON.stringify(forecast)}\n`, 'utf8'));
    } catch (error) {
      logger.error({ path, reason: messageOf(error) }, 'the file of the forecast could not be written');
    }
  }

  return {
    latest: () => latest,
    put(forecast) {
      latest = forecast;
      store.saveSetting(SETTING, JSON.stringify(forecast));
      if (forecastFile !== null) writing = writing.then(() => write(forecastFile, forecast));
    },
    close: () => writing,
  };
}
