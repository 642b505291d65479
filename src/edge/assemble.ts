import type { Assignment } from '../events/device-journal.ts';
import { carriedDownload, wasCarried } from './carried-model.ts';
import { createCrashGuard } from './crash-guard.ts';
import { createDataBudget, type DataBudget, reportedData } from './data-budget.ts';
import { createDataMeter } from './data-use.ts';
import { createDataWatch } from './data-watch.ts';
import { createDesiredState } from './desired-state.ts';
import type { ResolvedOptions } from './device-options.ts';
import { createDeviceTime, type DeviceTime } from './device-time.ts';
import { createDownload, type Download } from './download.ts';
import { createDownloadPermit } from './download-permit.ts';
import { createEffectRunner } from './effect-runner.ts';
import { createHistoryFetcher } from './fetch-history.ts';
import { createForecastOutlet, type ForecastOutlet } from './forecast-outlet.ts';
import { createForecaster } from './forecaster.ts';
import { createHistory, type History } from './history.ts';
import { createCarriedInstall, type InstallCarried } from './install-carried.ts';
import { createInstallHandlers } from './install-handlers.ts';
import { createDeviceJournal, type DeviceJournal } from './journal.ts';
import { createJournalShipping } from './journal-shipping.ts';
import { createLogbook, droppedOf, type Logbook } from './logbook.ts';
import { createModelFolder, type ModelFolder } from './model-folder.ts';
import { proveServing } from './proof.ts';
import { describeDevice, phaseOf } from './report.ts';
import { createSendPace } from './send-pace.ts';
import { createServing, type Serving } from './serving.ts';
import { createSiteKnowledge, type SiteKnowledge } from './site.ts';
import type { Situation } from './site-model.ts';
import { createModelOpener, type OpenSiteModel } from './site-model.ts';
import { createTokenBucket } from './token-bucket.ts';
import { createTrust } from './trust/trust.ts';
import { trustedDownload } from './trust/trusted-download.ts';
import { createUplink } from './uplink.ts';

/** What the parts of a device share. */
interface Core {
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

function createCore(options: ResolvedOptions, time: DeviceTime): Core {
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

/** Tells people how far a download is, a quarter at a time. */
function createProgressSteps(tell: (share: number) => void): (key: number, share: number) => void {
  let last = '';
  return (key, share) => {
    const step = Math.floor(share * 4) / 4;
    if (last === `${key} ${step}`) return;
    last = `${key} ${step}`;
    tell(step);
  };
}

/** How models come to this device: once they are known to be signed for it, where it was given a root. */
function downloadOf(options: ResolvedOptions, { folder }: Core): Download {
  const { deviceId, secret, trust, clocks, maxModelBytes: maxBytes, bytesPerSecond } = options;
  const shared = { credential: { deviceId, secret }, idleMs: options.timings.downloadIdleMs };
  const bucket = bytesPerSecond === null ? null : createTokenBucket({ bytesPerSecond });
  const download = createDownload({ ...options, ...shared, folder, maxBytes, bucket });
  const now = () => clocks.machine.now();
  const overLink =
    trust === null
      ? download
      : trustedDownload(createTrust({ ...options, ...shared, ...trust, now }), download);
  return carriedDownload({ store: options.store, folder, download, overLink });
}

/** Runs what serves once more; resolves with the time of an inference. */
const proveRunning = ({ serving }: Core, situation: Situation): Promise<number> =>
  serving.use(async (served) => {
    if (served === null) throw new Error('nothing serves');
    return proveServing(served.model, situation);
  });

/** The device's link and its requests, counted, and what bounds them. */
function metered(given: ResolvedOptions, time: DeviceTime) {
  const { store, monthlyBytes: limitBytes } = given;
  // Retries and pauses are durations; only what is signed by the clock of the cloud asks for the machine's.
  const clocks = { site: time.clocks.site, machine: given.steady };
  const meter = createDataMeter(store, clocks.site);
  const budget = createDataBudget({ store, use: meter.read, limitBytes, siteClock: clocks.site });
  const link = meter.link(given.link);
  return { meter, budget, options: { ...given, clocks, link, fetch: meter.fetch(given.fetch) } };
}

/** When the file of an attempt may be fetched, and why the present one is not; null when nothing holds it back. */
function createWaiting({ journal, site }: Core, budget: DataBudget, given: ResolvedOptions) {
  const { downloadHours, calendar } = site;
  const siteClock = given.clocks.site;
  const isCarried = (target: Assignment) => wasCarried(given.store, target);
  const about = { budget, downloadHours, calendar, siteClock, isCarried };
  const permit = createDownloadPermit({ ...given, ...about });
  const waitsFor = (isRunning: boolean): string | null => {
    const { state, context } = journal.stage();
    if (state !== 'downloading' || context.attempt === null) return null;
    return permit.waitsFor(context.attempt, isRunning);
  };
  return { permit, waitsFor };
}

/** The parts of a device, tied together; nothing runs yet. */
export function assembleDevice(given: ResolvedOptions) {
  const time = createDeviceTime(given);
  const { meter, budget, options } = metered(given, time);
  const { clocks, link } = options;
  const core = createCore(options, time);
  const { journal, watchUntil, history, logbook } = core;
  const { store, deviceId, newId } = options;
  const now = () => clocks.site.now().toISOString();
  const { permit, waitsFor: waitsOf } = createWaiting(core, budget, options);
  const waitsFor = () => waitsOf(runner.isRunning('download-model'));

  const report = () =>
    describeDevice(
      journal.stage(),
      {
        messageId: newId(),
        deviceId,
        installationId: store.installationId,
        historyHours: history.measuredHours(),
        dropped: droppedOf(logbook.read()),
        data: reportedData(budget.status()),
        at: now(),
      },
      desired.refused(),
      waitsFor(),
    );
  const shipping = createJournalShipping({
    ...options,
    logbook,
    clock: options.steady,
    gatherMs: options.timings.gatherMs,
  });
  const uplink = createUplink({
    ...{ ...options, report, shipping },
    pace: createSendPace(budget.level, options.steady),
  });
  const announce = () => {
    uplink.reportChanged();
    uplink.wake();
  };

  const desired = createDesiredState({
    ...options,
    journal,
    origins: options.modelOrigins,
    watchUntil,
    situation: core.situation,
    proveRunning: (given) => proveRunning(core, given),
    onNews: announce,
    onRefused: ({ refusal, reason }) => logbook.refuse('desired', `${refusal}: ${reason}`),
  });
  const tellProgress = (share?: number) => {
    const phase = phaseOf(journal.stage());
    if (phase === null || budget.level() === 'spent') return;
    const waiting = waitsFor();
    const about = {
      ...(share === undefined ? {} : { share }),
      ...(waiting === null ? {} : { waitsFor: waiting }),
    };
    uplink.progress({ ...phase, ...about, at: now() });
  };
  const dataWatch = createDataWatch({
    budget,
    waitsFor,
    logger: options.logger,
    onChange: () => {
      announce();
      tellProgress();
    },
  });
  const progressSteps = createProgressSteps(tellProgress);
  const handlers = createInstallHandlers({
    ...options,
    ...core,
    permit,
    clock: clocks.site,
    download: downloadOf({ ...options, clocks: time.clocks }, core),
    onProgress: ({ assignment }, share) => progressSteps(assignment, share),
  });
  const runner = createEffectRunner({ ...options, journal, handlers, onDone: () => uplink.wake() });
  const forecaster = createForecaster({
    ...options,
    ...core,
    graceMs: options.timings.graceMs,
    onForecast: () => uplink.wake(),
  });
  return {
    ...core,
    time,
    meter,
    budget,
    dataWatch,
    link,
    report,
    uplink,
    shipping,
    announce,
    desired,
    runner,
    forecaster,
    tellProgress,
  };
}
