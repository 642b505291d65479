import type { Logger } from 'pino';
import { layOnGrid } from '../forecasting/cleaning/grid.ts';
import { type BridgedHistory, bridgeHistory, NoHistory } from '../forecasting/cleaning/history.ts';
import type { HourReading } from '../forecasting/cleaning/readings.ts';
import { type ExpectedStop, noStops } from '../forecasting/cleaning/stops.ts';
import { HISTORY_HOURS } from '../forecasting/horizon.ts';
import { HOUR_MS } from '../forecasting/series.ts';
import { parseReadings } from '../ota/messages.ts';
import type { Clocks } from '../ports/clocks.ts';
import type { DeviceStore } from '../ports/device-store.ts';
import type { Reading } from '../ports/telemetry.ts';
import { type FetchHistory, HISTORY_DAYS } from './fetch-history.ts';
import { messageOf } from './refusals.ts';

/** The site's readings on the device. */
export interface History {
  /** Site clock: the hour that is running, epoch ms; the first one not yet seen. */
  issueTime(): number;
  /**
   * Stores measured hours; they are reported to the cloud later. Hours that are not over yet are refused and
   * logged. Throws `MalformedMessage` for what are no readings. Returns how many brought something new.
   */
  record(readings: readonly Reading[]): number;
  /** Whether the meter was read in the hour before `issueTime`. */
  isCurrent(issueTime: number): boolean;
  /** Hours with a load among the 720 before the running one. */
  measuredHours(): number;
  /** 720 hours without a gap. Throws `NoHistory`. */
  bridged(issueTime: number): BridgedHistory;
  /** The same, after asking the cloud where too little is here. Rejects with `NoHistory`, or when it cannot be asked. */
  ensured(issueTime: number): Promise<BridgedHistory>;
  /** Readings of the last 60 days before `issueTime`, ascending; missing hours are absent. */
  readings(issueTime: number): readonly HourReading[];
  /** Gross load of the last 60 days before `issueTime`, kW; NaN where not measured. */
  load(issueTime: number): Float64Array;
  /** Fetches what the cloud has where hours are missing here; what goes wrong is logged. */
  fill(): Promise<void>;
}

export interface HistoryOptions {
  readonly store: DeviceStore;
  readonly fetchHistory: FetchHistory;
  readonly clocks: Clocks;
  readonly logger: Logger;
  /** Hours in which the site is expected to stop; none when absent. */
  readonly stops?: ExpectedStop;
  /** Time between two requests to the cloud for hours that are still missing, and after one that failed. */
  readonly refillMs: number;
  readonly refillRetryMs: number;
}

/** Missing hours that are not worth 60 days of readings over a poor link: they are bridged. */
const TOLERATED_HOURS = 36;

const KEPT_MS = HISTORY_DAYS * 24 * HOUR_MS;

const hourOf = (reading: Reading): HourReading => ({ ...reading, hour: Date.parse(reading.hour) });

export function createHistory(options: HistoryOptions): History {
  const { store, fetchHistory, clocks, logger, refillMs, refillRetryMs, stops = noStops } = options;
  let nextFill = 0;

  const issueTime = () => Math.floor(clocks.site.now().getTime() / HOUR_MS) * HOUR_MS;
  const before = (end: number, hours: number): readonly HourReading[] =>
    store.readings(new Date(end - hours * HOUR_MS), new Date(end)).map(hourOf);
  const measuredHours = () =>
    before(issueTime(), HISTORY_HOURS).filter(({ loadKw }) => loadKw !== undefined).length;
  const bridged = (end: number) => bridgeHistory(before(end, HISTORY_DAYS * 24), end, stops);

  async function fetchAll(): Promise<void> {
    const readings = await fetchHistory();
    const past = readings.filter(({ hour }) => Date.parse(hour) < issueTime());
    const changed = store.fillReadings(past);
    logger.info({ hours: past.length, changed }, 'history filled from the cloud');
  }

  function refuseUnfinished(readings: readonly Reading[]): readonly Reading[] {
    const now = issueTime();
    const finished = readings.filter(({ hour }) => Date.parse(hour) < now);
    const early = readings.length - finished.length;
    if (early > 0) logger.warn({ early, now: new Date(now).toISOString() }, 'readings of hours not yet over');
    return finished;
  }

  return {
    issueTime,
    measuredHours,
    bridged,
    record(readings) {
      const lost = store.forgetReadings(new Date(issueTime() - KEPT_MS));
      if (lost > 0) logger.warn({ lost }, 'readings older than 60 days were never reported');
      return store.saveReadings(refuseUnfinished(parseReadings({ readings })));
    },
    isCurrent: (end) => before(end, 1).some(({ loadKw }) => loadKw !== undefined),
    async ensured(end) {
      try {
        return bridged(end);
      } catch (error) {
        if (!(error instanceof NoHistory)) throw error;
        await fetchAll();
        return bridged(end);
      }
    },
    readings: (end) => before(end, HISTORY_DAYS * 24),
    load: (end) => layOnGrid(before(end, HISTORY_DAYS * 24), end - KEPT_MS, end).load,
    async fill() {
      const now = clocks.machine.now().getTime();
      if (now < nextFill) return;
      nextFill = now + refillMs;
      try {
        if (measuredHours() < HISTORY_HOURS - TOLERATED_HOURS) await fetchAll();
      } catch (error) {
        nextFill = now + refillRetryMs;
        logger.warn({ reason: messageOf(error) }, 'the history could not be filled from the cloud');
      }
    },
  };
}
