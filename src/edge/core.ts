import { createCrashGuard } from './crash-guard.ts';
import type { ResolvedOptions } from './device-options.ts';
import type { DeviceTime } from './device-time.ts';
import { createHistoryFetcher } from './fetch-history.ts';
import { createForecastOutlet, type ForecastOutlet } from './forecast-outlet.ts';
import { createHistory, type History } from './history.ts';
import { createCarriedInstall, type InstallCarried } from './install-carried.ts';
import { createDeviceJournal, type DeviceJournal } from './journal.ts';
import { createLogbook, type Logbook } from './logbook.ts';
import { createModelFolder, type ModelFolder } from './model-folder.ts';
import { proveServing } from './proof.ts';
import { createServing, type Serving } from './serving.ts';
import { createSiteKnowledge, type SiteKnowledge } from './site.ts';
import { createModelOpener, type OpenSiteModel, type Situation } from './site-model.ts';

/** What the parts of a device share. */
export interface Core {
  readonly logbook: Logbook;
  readonly outlet: ForecastOutlet;
  readonly journal: DeviceJournal;
  readonly site: SiteKnowledge;
  readonly history: History;
  readonly folder: ModelFolder;
  readonly openModel: OpenSiteModel;
  readonly installCarried: InstallCarried;
  readonly serving: Serving;
  readonly situation: () => Promise<Situation>;
  /** End of a watch that begins now. */
  readonly watchUntil: () => string;
}

export function createCore(options: ResolvedOptions, time: DeviceTime): Core {
  const { systemId, deviceId, store, clocks, timings, fetch, secret, logger } = options;
  const credential = { deviceId, secret };
  const journal = createDeviceJournal({ ...options, clock: clocks.site });
  const logbook = createLogbook(store, clocks.site);
  const site = createSiteKnowledge({ ...options, logbook, onSigned: time.see });
  const { cloudUrl } = options;
  const fetchHistory = createHistoryFetcher({
    cloudUrl,
    systemId,
    credential,
    fetch,
    timeoutMs: timings.historyTimeoutMs,
  });
  const history = createHistory({
    ...{ store, fetchHistory, clocks, logger, logbook, time, ...timings },
    contractKw: (hour) => site.demandLimit()?.(hour) ?? null,
    stops: (hour) => site.stops(hour),
  });
  const folder = createModelFolder(options.modelsFolder, options.files);
  const openModel = createModelOpener(options.loadModel);
  return {
    logbook,
    outlet: createForecastOutlet(options),
    journal,
    site,
    history,
    folder,
    openModel,
    installCarried: createCarriedInstall({ ...options, journal, folder, clocks: time.clocks }),
    serving: createServing({ systemId, journal, folder, openModel, crashes: createCrashGuard(options) }),
    situation: async () => {
      const issueTime = history.issueTime();
      const bridged = await history.ensured(issueTime);
      return {
        issueTime,
        history: bridged,
        calendar: site.calendar(),
        eventFlags: site.eventFlags(),
        outlook: site.outlook(),
      };
    },
    watchUntil: () => new Date(clocks.site.now().getTime() + timings.watchMs).toISOString(),
  };
}

/** Runs what serves once more; resolves with the time of an inference. */
export const proveRunning = ({ serving }: Core, situation: Situation): Promise<number> =>
  serving.use(async (served) => {
    if (served === null) throw new Error('nothing serves');
    return proveServing(served.model, situation);
  });
