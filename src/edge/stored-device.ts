import type { Logger } from 'pino';
import { HISTORY_HOURS } from '../forecasting/horizon.ts';
import { HOUR_MS } from '../forecasting/series.ts';
import type { Clock, Clocks } from '../ports/clocks.ts';
import type { DeviceStore, JournalFact } from '../ports/device-store.ts';
import { createDataBudget, reportedData } from './data-budget.ts';
import { readDataUse } from './data-use.ts';
import { createDeviceTime } from './device-time.ts';
import { nodeFiles } from './files.ts';
import { readLastForecast } from './forecast-outlet.ts';
import { type CarriedModel, createCarriedInstall, type InstallRules } from './install-carried.ts';
import { createDeviceJournal } from './journal.ts';
import { readShipped } from './journal-shipping.ts';
import { droppedOf, readLogbook } from './logbook.ts';
import { createModelFolder } from './model-folder.ts';
import { describeDevice } from './report.ts';
import { type DeviceStatus, statusOf } from './status.ts';
import { takeBack } from './take-back.ts';

/** A device that does not run, seen through its memory: what a person on site asks when it is down. */
export interface StoredDevice {
  status(): DeviceStatus;
  /** The newest facts of the journal, oldest first. */
  history(limit: number): readonly JournalFact[];
  /**
   * Notes that the model is to be taken back; the device does it first of all when it starts. Throws
   * `NothingToTakeBack`, or `IllegalCommand` while files are being moved.
   */
  takeBack(reason: string): void;
  /** Neither the bound of the month's data nor the download hours count for so many hours. */
  allowData(hours: number): void;
  /** Takes a model from a carried file; the device installs it when it starts. Rejects with `InstallRefused`. */
  install(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<CarriedModel>;
  close(): void;
}

export interface StoredDeviceOptions {
  /** Whom a carried file is held against. */
  readonly rules: InstallRules;
  /** The `models` folder of the data folder. */
  readonly modelsFolder: string;
  readonly store: DeviceStore;
  readonly clocks: Clocks;
  readonly steady: Clock;
  /** Bound of a month's data, bytes. */
  readonly monthlyBytes: number;
  readonly newId: () => string;
  readonly logger: Logger;
}

/** The newest facts, oldest first. */
export const newestFacts = (store: DeviceStore, limit: number): readonly JournalFact[] =>
  store.journal(Math.max(0, store.journalVersion() - limit));

export function createStoredDevice(options: StoredDeviceOptions): StoredDevice {
  const { rules, modelsFolder, store, newId, logger } = options;
  const { deviceId } = rules;
  const time = createDeviceTime(options);
  const clock = time.clocks.site;
  const journal = createDeviceJournal({ store, deviceId, clock, newId });

  const budget = createDataBudget({
    ...{ store, use: () => readDataUse(store), siteClock: clock },
    limitBytes: options.monthlyBytes,
  });

  const folder = createModelFolder(modelsFolder, nodeFiles);
  const shared = { store, journal, folder, files: nodeFiles, clocks: time.clocks, logger };
  const installCarried = createCarriedInstall({ ...rules, ...shared });

  function measuredHours(): number {
    const end = Math.floor(clock.now().getTime() / HOUR_MS) * HOUR_MS;
    const readings = store.readings(new Date(end - HISTORY_HOURS * HOUR_MS), new Date(end));
    return readings.filter(({ loadKw }) => loadKw !== undefined).length;
  }

  return {
    status() {
      const stage = journal.stage();
      const logged = readLogbook(store);
      const data = budget.status();
      const { installationId } = store;
      const about = { messageId: newId(), deviceId, installationId, historyHours: measuredHours() };
      const at = clock.now().toISOString();
      return statusOf(store, {
        connected: null,
        report: describeDevice(
          stage,
          { ...about, dropped: droppedOf(logged), data: reportedData(data), at },
          null,
          null,
        ),
        previous: stage.context.previous,
        forecast: readLastForecast(store),
        journal: readShipped(store),
        time: time.status(),
        data,
        logged,
      });
    },
    history: (limit) => newestFacts(store, limit),
    takeBack: (reason) => takeBack(journal, reason),
    allowData: (hours) => budget.override(hours),
    async install(chunks, signal) {
      await nodeFiles.makeFolder(modelsFolder);
      return installCarried(chunks, signal);
    },
    close: () => store.close(),
  };
}
