import type { Logger } from 'pino';
import { layOnGrid } from '../forecasting/cleaning/grid.ts';
import { type BridgedHistory, bridgeHistory, NoHistory } from '../forecasting/cleaning/history.ts';
import type { HourReading } from '../forecasting/cleaning/readings.ts';
import { type ExpectedStop, noStops } from '../forecasting/cleaning/stops.ts';
import { HISTORY_HOURS } from '../forecasting/horizon.ts';
import { HOUR_MS } from '../forecasting/series.ts';
import { type Measured, parseMeasured } from '../ota/readings.ts';
import type { Clocks } from '../ports/clocks.ts';
import type { DeviceStore, Sample } from '../ports/device-store.ts';
import type { Reading } from '../ports/telemetry.ts';
import type { DeviceTime } from './device-time.ts';
import { type FetchHistory, HISTORY_DAYS } from './fetch-history.ts';
import type { Logbook } from './logbook.ts';
import { checkReadings, latestEnd, type RefusedReading } from './reading-check.ts';
import { messageOf } from './refusals.ts';
import { createSampling } from './sampling.ts';
import { siteSize } from './site-size.ts';

/** What became of readings that a local program gave. */
export interface RecordedReadings {
  /** New readings and samples, or such with other values than before. */
  readonly changed: number;
  /** Those that brought nothing new. */
  readonly unchanged: number;
  /** Hours that samples made up or corrected; absent where none were given. */
  readonly hours?: number;
  readonly refused: readonly RefusedReading[];
}

/** The site's readings on the device. */
export interface History {
  /** Site clock: the hour that is running, epoch ms; the first one not yet seen. */
  issueTime(): number;
  /**
   * Stores what was measured: hours, and samples that hours are made of. Hours are reported to the cloud later. What
   * cannot have been measured is refused, logged and counted. Throws `MalformedMessage` for what are no readings.
   */
  record(measured: readonly (Reading | Sample)[]): RecordedReadings;
  /** Makes up hours whose last samples did not come; true when there are some. Looks once an hour. */
  settle(): boolean;
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
  readonly logbook: Logbook;
  /** How long after its end an hour waits for samples that are late. */
  readonly graceMs: number;
  readonly time: Pick<DeviceTime, 'see' | 'isLost'>;
  /** The contracted demand in this hour (epoch ms), kW; null where there is none. */
  readonly contractKw: (hour: number) => number | null;
}

/** Missing hours that are not worth 60 days of readings over a poor link: they are bridged. */
const TOLERATED_HOURS = 36;

const KEPT_MS = HISTORY_DAYS * 24 * HOUR_MS;

/** How far a meter may lead a device that lost the time: it stood still for no longer. */
const FURTHEST_MS = 90 * 24 * HOUR_MS;

const hourOf = (reading: Reading): HourReading => ({ ...reading, hour: Date.parse(reading.hour) });

export function createHistory(options: HistoryOptions): History {
  const { store, fetchHistory, clocks, logger, logbook, time, stops = noStops } = options;
  const { refillMs, refillRetryMs } = options;
  const sampling = createSampling({ store, siteClock: clocks.site, graceMs: options.graceMs });
  let nextFill = 0;

  const issueTime = () => Math.floor(clocks.site.now().getTime() / HOUR_MS) * HOUR_MS;
  const before = (end: number, hours: number): readonly HourReading[] =>
    store.readings(new Date(end - hours * HOUR_MS), new Date(end)).map(hourOf);
  const measuredHours = () =>
    before(issueTime(), HISTORY_HOURS).filter(({ loadKw }) => loadKw !== undefined).length;
  const bridged = (end: number) => bridgeHistory(before(end, HISTORY_DAYS * 24), end, stops);

  const all = () => store.readings(new Date(0), new Date(issueTime()));
  const sizeBy = (known: readonly Reading[]) => siteSize(known, options.contractKw(issueTime()));

  function noteRefusals(refused: readonly RefusedReading[]): void {
    const [first] = refused;
    if (first === undefined) return;
    const { hour, code, detail } = first;
    logger.warn({ refused: refused.length, hour, code, detail }, 'readings refused');
    logbook.refuse('readings', `${code}: ${refused.length} readings, the first of ${hour}: ${detail}`);
  }

  /** The cloud keeps hours of another unit, for a person to correct: until then they are missing here. */
  async function fetchAll(): Promise<void> {
    const past = (await fetchHistory()).filter(({ hour }) => Date.parse(hour) < issueTime());
    const bounds = { now: Number.POSITIVE_INFINITY, keptFrom: Number.NEGATIVE_INFINITY, stops };
    const { taken, refused } = checkReadings(past, { ...bounds, size: sizeBy([...all(), ...past]) });
    noteRefusals(refused);
    const changed = store.fillReadings(taken);
    logger.info({ hours: taken.length, changed }, 'history filled from the cloud');
  }

  function forget(keptFrom: number): void {
    const lost = store.forgetReadings(new Date(keptFrom));
    logbook.count('dropped-readings', lost);
    if (lost > 0) logger.warn({ lost }, 'readings older than 60 days were never reported');
  }

  /** Where this machine has lost the time, the meter's tells it: the end of the newest that it has measured. */
  function learnTime(newest: number): void {
    if (time.isLost() && newest <= issueTime() + FURTHEST_MS) time.see(newest);
  }

  function keep({ readings, samples }: Measured): RecordedReadings {
    const given = readings.length + samples.length;
    if (given === 0) return { changed: 0, unchanged: 0, refused: [] };
    learnTime(latestEnd([...readings, ...samples]));
    const known = all();
    // By the newest reading, not by the clock: one that leaps by years must not empty the memory.
    const newest = latestEnd([...known, ...readings, ...samples]);
    const keptFrom = Math.min(issueTime(), Math.floor(newest / HOUR_MS) * HOUR_MS) - KEPT_MS;
    const bounds = { now: clocks.site.now().getTime(), keptFrom, size: sizeBy(known), stops };
    const [hours, parts] = [checkReadings(readings, bounds), checkReadings(samples, bounds)];
    const refused = [...hours.refused, ...parts.refused];
    noteRefusals(refused);
    const saved = store.saveReadings(hours.taken);
    const sampled = sampling.record(parts.taken);
    const changed = saved + sampled.changed;
    const taken = [...hours.taken, ...parts.taken];
    if (taken.length > 0) time.see(Math.min(issueTime(), latestEnd(taken)));
    forget(keptFrom);
    const recorded = { changed, unchanged: taken.length - changed, refused };
    return samples.length === 0 ? recorded : { ...recorded, hours: sampled.hours };
  }

  return {
    issueTime,
    measuredHours,
    bridged,
    record: (measured) => keep(parseMeasured(measured)),
    settle: () => sampling.settle() > 0,
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
