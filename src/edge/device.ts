import type { Logger } from 'pino';
import { MalformedMessage } from '../ota/wire.ts';
import type { DeviceStore, JournalFact, Sample } from '../ports/device-store.ts';
import type { Reading } from '../ports/telemetry.ts';
import { assembleDevice } from './assemble.ts';
import { type DeviceOptions, resolveOptions } from './device-options.ts';
import type { RecordedReadings } from './history.ts';
import type { CarriedModel } from './install-carried.ts';
import { readLocalReadings } from './local/readings-body.ts';
import { messageOf } from './refusals.ts';
import { createRetention } from './retention.ts';
import { type DeviceStatus, statusOf } from './status.ts';
import { newestFacts } from './stored-device.ts';
import { takeBack } from './take-back.ts';

/** The edge node: follows the desired state, forecasts every hour, reports what is measured. */
export interface Device {
  /** Takes up what a power cut interrupted, and connects; returns without waiting for the connection. */
  start(): Promise<void>;
  /** Stores measured hours and parts of hours, to be reported; says which it refuses. Throws `MalformedMessage`. */
  recordReadings(measured: readonly (Reading | Sample)[]): RecordedReadings;
  status(): DeviceStatus;
  /** The newest facts of the journal, oldest first. */
  history(limit: number): readonly JournalFact[];
  /** A person on site takes the model back. Throws `NothingToTakeBack`, or `IllegalCommand` while files are moved. */
  takeBack(reason: string): void;
  /** Neither the bound of the month's data nor the download hours count for so many hours. */
  allowData(hours: number): void;
  /**
   * Installs a model from the bytes of a carried file; resolves once the journal has it. Rejects with
   * `InstallRefused`, and nothing has changed then.
   */
  install(chunks: AsyncIterable<Uint8Array>): Promise<CarriedModel>;
  /** Whether it goes on by itself: its clock ticks, and no forecast hangs. A full disk or a lost link is not its fault. */
  isWell(): boolean;
  /** Looks at the clocks now and not at the next tick: the site clock leapt. */
  look(): void;
  /** Whether all that is due was done and sent. What waits for a later instant of the site clock is not due. */
  isAtRest(): boolean;
  /** Something came from outside and was not acted upon: `edge status` shows it. */
  noteRefusal(from: string, reason: string): void;
  /** Ends everything, the link and the store with it. What was under way goes on at the next start. */
  close(): Promise<void>;
}

type Parts = ReturnType<typeof assembleDevice>;

/** It ticks every second. */
const TICK_LATE_MS = 60_000;

function deviceStatus(store: DeviceStore, parts: Parts): DeviceStatus {
  return statusOf(store, {
    connected: parts.link.connected(),
    report: parts.report(),
    previous: parts.journal.stage().context.previous,
    forecast: parts.outlet.latest(),
    journal: parts.shipping.status(),
    time: parts.time.status(),
    data: parts.budget.status(),
    logged: parts.logbook.read(),
  });
}

const restsAll = ({ runner, desired, forecaster, uplink }: Parts): boolean =>
  runner.isIdle() && !desired.isBusy() && !forecaster.isBusy() && uplink.isQuiet();

/** Counts and refusals: a full disk costs what was noted since, and nothing else. */
function createNotes({ logbook, meter }: Parts, logger: Logger): () => void {
  return () => {
    try {
      logbook.save();
      meter.save();
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'counts could not be written');
    }
  };
}

async function followed<T>(done: Promise<T>, next: () => void): Promise<T> {
  const value = await done;
  next();
  return value;
}

export function createDevice(given: DeviceOptions): Device {
  const options = resolveOptions(given);
  const { store, logger, files, modelsFolder, timings } = options;
  const parts = assembleDevice(options);
  const { link, budget, logbook, journal, history, site } = parts;
  const { uplink, shipping, desired, runner, forecaster } = parts;
  const retention = createRetention({ journal, store, clock: parts.time.clocks.site, logger });
  const endings: (() => unknown)[] = [];
  const stop = new AbortController();
  const saveNotes = createNotes(parts, logger);
  let tickedAt = Number.NEGATIVE_INFINITY;

  function tick(): void {
    tickedAt = options.steady.now().getTime();
    try {
      runner.wake();
      desired.review();
      history.settle();
      forecaster.consider();
      retention.consider();
      parts.dataWatch();
      uplink.wake();
    } catch (error) {
      logger.error({ reason: messageOf(error) }, 'the device stumbled and goes on');
    }
    saveNotes();
    void history.fill();
  }

  function onStage(): void {
    parts.announce();
    parts.tellProgress();
    runner.wake();
    desired.review();
    forecaster.consider();
  }

  async function takeConfig(payload: Uint8Array | null): Promise<void> {
    if (await site.take(payload)) forecaster.consider();
  }

  function record(measured: readonly (Reading | Sample)[]): RecordedReadings {
    const recorded = history.record(measured);
    if (recorded.changed > 0) {
      forecaster.consider();
      uplink.wake();
    }
    return recorded;
  }

  /** A source that gives what cannot be stored is logged, and goes on giving. */
  function recordFromSource(given: readonly Reading[] | Uint8Array): boolean {
    try {
      record(given instanceof Uint8Array ? readLocalReadings(given) : given);
      return true;
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'readings refused');
      logbook.refuse('readings', messageOf(error));
      // What is no readings will be none the next time; a full disk may be emptied.
      return error instanceof MalformedMessage;
    }
  }

  function listen(): void {
    endings.push(
      journal.onChange(onStage),
      link.onDesired((payload) => desired.take(payload)),
      link.onConfig((payload) => {
        takeConfig(payload).catch((error: unknown) => logger.error({ reason: messageOf(error) }, 'config'));
      }),
      link.onCopied((payload) => {
        if (shipping.take(payload)) uplink.wake();
      }),
      link.onConnected(() => {
        logger.info('connected to the cloud');
        shipping.restart();
        parts.announce();
        void history.fill();
      }),
      link.onDisconnected((reason) => {
        logger.warn({ reason: reason?.message }, 'no connection to the cloud');
        if (reason !== null) logbook.refuse('link', reason.message);
      }),
    );
  }

  return {
    recordReadings: record,
    status: () => deviceStatus(store, parts),
    history: (limit) => newestFacts(store, limit),
    takeBack: (reason) => takeBack(journal, reason),
    allowData: (hours) => budget.override(hours),
    install: (chunks) => followed(parts.installCarried(chunks, stop.signal), runner.hurry),
    isWell: () => options.steady.now().getTime() - tickedAt < TICK_LATE_MS && !forecaster.isStuck(),
    ...{ look: tick, isAtRest: () => restsAll(parts) },
    noteRefusal: (from, reason) => logbook.refuse(from, reason),
    async start() {
      await files.makeFolder(modelsFolder);
      listen();
      link.start();
      if (given.readings !== undefined) endings.push(given.readings(recordFromSource));
      const ticker = setInterval(tick, timings.tickMs);
      endings.push(() => clearInterval(ticker));
      tick();
    },
    async close() {
      stop.abort();
      for (const end of endings.splice(0)) await end();
      const sending = uplink.close();
      await Promise.all([runner.close(), desired.close(), link.close()]);
      await options.prover.close();
      await sending;
      await forecaster.close();
      saveNotes();
      store.close();
    },
  };
}
