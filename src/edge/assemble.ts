import type { Assignment } from '../events/device-journal.ts';
import { carriedDownload, wasCarried } from './carried-model.ts';
import { type Core, createCore, proveRunning } from './core.ts';
import { createDataBudget, type DataBudget } from './data-budget.ts';
import { createDataMeter } from './data-use.ts';
import { createDataWatch } from './data-watch.ts';
import { createDesiredState } from './desired-state.ts';
import type { ResolvedOptions } from './device-options.ts';
import { createDeviceTime, type DeviceTime } from './device-time.ts';
import { createDownload, type Download } from './download.ts';
import { createDownloadPermit } from './download-permit.ts';
import { createEffectRunner } from './effect-runner.ts';
import { createForecaster } from './forecaster.ts';
import { createInstallHandlers } from './install-handlers.ts';
import { createTelling } from './telling.ts';
import { createTokenBucket } from './token-bucket.ts';
import { createTrust } from './trust/trust.ts';
import { trustedDownload } from './trust/trusted-download.ts';

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
  const time = createDeviceTime({ ...given, steady: given.sitePace });
  const { meter, budget, options } = metered(given, time);
  const { clocks, link, logger } = options;
  const core = createCore(options, time);
  const { journal, logbook } = core;
  const { permit, waitsFor: waitsOf } = createWaiting(core, budget, options);
  const waitsFor = () => waitsOf(runner.isRunning('download-model'));
  const telling = createTelling({ options, core, budget, waitsFor, refused: () => desired.refused() });
  const { uplink, announce, tellProgress } = telling;

  const desired = createDesiredState({
    ...options,
    ...core,
    origins: options.modelOrigins,
    proveRunning: (situation) => proveRunning(core, situation),
    onNews: announce,
    onRefused: ({ refusal, reason }) => logbook.refuse('desired', `${refusal}: ${reason}`),
  });
  const dataWatch = createDataWatch({
    ...{ budget, waitsFor, logger },
    onChange: () => {
      announce();
      tellProgress();
    },
  });
  const handlers = createInstallHandlers({
    ...options,
    ...core,
    permit,
    clock: clocks.site,
    download: downloadOf({ ...options, clocks: time.clocks }, core),
    beginActivation: (assignment) => void journal.apply({ type: 'begin-activation', assignment }),
    onProgress: ({ assignment }, share) => telling.tellDownload(assignment, share),
  });
  const runner = createEffectRunner({ ...options, journal, handlers, onDone: () => uplink.wake() });
  const forecaster = createForecaster({
    ...options,
    ...core,
    graceMs: options.timings.graceMs,
    onForecast: () => uplink.wake(),
  });
  return { ...core, ...telling, time, meter, budget, dataWatch, link, desired, runner, forecaster };
}
