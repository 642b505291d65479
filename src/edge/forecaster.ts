import type { Logger } from 'pino';
import { NoHistory } from '../forecasting/cleaning/history.ts';
import type { ForecastHour } from '../forecasting/forecast-at.ts';
import { HOUR_MS } from '../forecasting/series.ts';
import { buildUplink, type ForecastMessage } from '../ota/messages.ts';
import type { Clocks } from '../ports/clocks.ts';
import type { DeviceStore } from '../ports/device-store.ts';
import { contractedDemand } from './contracted-demand.ts';
import { ModelCrashes } from './crash-guard.ts';
import type { ForecastOutlet } from './forecast-outlet.ts';
import type { History } from './history.ts';
import type { DeviceJournal } from './journal.ts';
import type { Logbook } from './logbook.ts';
import { naiveForecast } from './naive-forecast.ts';
import { createPause } from './pause.ts';
import { messageOf } from './refusals.ts';
import type { Served, Serving } from './serving.ts';
import type { SiteKnowledge } from './site.ts';

export interface ForecasterOptions {
  readonly deviceId: string;
  readonly serving: Serving;
  readonly history: History;
  readonly site: SiteKnowledge;
  readonly journal: DeviceJournal;
  readonly store: DeviceStore;
  readonly outlet: ForecastOutlet;
  readonly logbook: Logbook;
  readonly clocks: Clocks;
  readonly newId: () => string;
  readonly logger: Logger;
  /** How long into the hour the reading of the hour before is waited for. */
  readonly graceMs: number;
  /** Called when a forecast waits to be sent. */
  readonly onForecast: (forecast: ForecastMessage) => void;
}

export interface Forecaster {
  /** A forecast has been under way for far longer than one takes. */
  isStuck(): boolean;
  /** A forecast is under way. */
  isBusy(): boolean;
  /** Issues this hour's forecast unless it was issued with the model that serves. */
  consider(): void;
  close(): Promise<void>;
}

/** Unsent forecasts that are kept through an outage: a week. */
const KEPT_FORECASTS = 168;
const PAUSES = { firstMs: 10_000, longestMs: 60_000 };
/** Past its watch, a model is taken back when it fails so often in a row. */
const TRIES_AFTER_WATCH = 3;

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

const instantOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** Watts, and millionths of a chance: more digits would only cost data. */
const toMessage = (
  { hour, loadKw, lowerKw, upperKw, peakProbability }: ForecastHour,
  exceedance: number | null,
) => ({
  hour: instantOf(hour),
  loadKw: rounded(loadKw, 3),
  lowerKw: rounded(lowerKw, 3),
  upperKw: rounded(upperKw, 3),
  peakProbability: peakProbability === null ? null : Math.min(1, Math.max(0, rounded(peakProbability, 6))),
  ...(exceedance === null ? {} : { exceedanceProbability: rounded(exceedance, 6) }),
});

type Made = Pick<ForecastMessage, 'version' | 'modelType' | 'fallback'> & {
  readonly hours: readonly ForecastHour[];
};

function messageOfForecast(
  options: ForecasterOptions,
  issueTime: number,
  { hours, ...made }: Made,
): ForecastMessage {
  const { deviceId, newId } = options;
  const { basis, chances } = contractedDemand(options, issueTime, hours);
  const marked = basis === null ? {} : { exceedanceBasis: basis };
  const named = hours.map((hour, i) => toMessage(hour, chances[i] ?? null));
  return { messageId: newId(), deviceId, issuedAt: instantOf(issueTime), ...made, ...marked, hours: named };
}

/** A model that ends the process gets no more of them. */
const triesAfter = (error: unknown, tries: number): number => (error instanceof ModelCrashes ? 0 : tries - 1);

/** A forecast takes milliseconds, and loading its model seconds. */
const STUCK_MS = 5 * 60_000;

export function createForecaster(options: ForecasterOptions): Forecaster {
  const { serving, history, site, journal, store, clocks, logger, graceMs } = options;
  const { outlet, logbook } = options;
  let issued = '';
  let silent = '';
  let busy: Promise<void> | null = null;
  let busySince = 0;
  let closed = false;
  const pause = createPause(clocks.machine, PAUSES);

  /** The hour and the model: either changing calls for a new forecast. */
  const occasion = (issueTime: number): string =>
    `${issueTime} ${serving.installed()?.artifact.checksum ?? 'no model'}`;

  /** Once an hour and model: it is tried again at every tick. */
  function sayNothingKnown(issueTime: number): void {
    const current = occasion(issueTime);
    if (silent === current) return;
    silent = current;
    logger.warn('no forecast yet: less than a day of load is known');
  }

  function naive(issueTime: number, fallback: string): Made | null {
    const hours = naiveForecast(history.load(issueTime), issueTime, site.calendar());
    if (hours === null) sayNothingKnown(issueTime);
    return hours && { hours, version: null, modelType: 'seasonal-naive', fallback: fallback.slice(0, 500) };
  }

  async function byModel({ installed, model }: Served, issueTime: number): Promise<Made> {
    const situation = { issueTime, history: history.bridged(issueTime), calendar: site.calendar() };
    const told = { eventFlags: site.eventFlags(), outlook: site.outlook() };
    const hours = await model.forecast({ ...situation, ...told });
    return { hours, version: installed.version, modelType: installed.modelType };
  }

  const tryModel = (issueTime: number): Promise<Made | null> =>
    serving.use(async (served) =>
      served === null ? naive(issueTime, 'no model is installed') : byModel(served, issueTime),
    );

  /** Takes the failing model back; where that is under way already, the naive rule steps in. */
  function giveUp(issueTime: number, error: unknown): Made | null {
    const installed = serving.installed();
    const reason = messageOf(error).slice(0, 500);
    logger.error({ version: installed?.version, reason }, 'the model failed');
    const { assignment } = installed ?? { assignment: 0 };
    const facts = journal.apply({ type: 'fail', assignment, reason });
    return facts.length > 0 ? null : naive(issueTime, reason);
  }

  async function make(issueTime: number, tries: number): Promise<Made | null> {
    try {
      return await tryModel(issueTime);
    } catch (error) {
      if (error instanceof NoHistory) return naive(issueTime, error.message);
      const left = triesAfter(error, tries);
      return left > 0 ? make(issueTime, left) : giveUp(issueTime, error);
    }
  }

  function publish(issueTime: number, made: Made): void {
    const latest = messageOfForecast(options, issueTime, made);
    const { messageId } = latest;
    store.enqueue({
      messageId,
      kind: 'forecast',
      assignment: null,
      payload: buildUplink('forecast', latest),
    });
    const dropped = store.trimOutbox('forecast', KEPT_FORECASTS);
    logbook.count('dropped-forecasts', dropped);
    if (dropped > 0) logger.warn({ dropped }, 'forecasts of an outage older than a week were dropped');
    outlet.put(latest);
    options.onForecast(latest);
  }

  async function issue(issueTime: number): Promise<void> {
    const current = occasion(issueTime);
    const made = await make(issueTime, serving.installed()?.watchUntil === null ? TRIES_AFTER_WATCH : 1);
    if (made !== null) {
      publish(issueTime, made);
      issued = current;
    }
  }

  function isTimely(issueTime: number): boolean {
    const waited = clocks.site.now().getTime() - issueTime;
    return waited >= Math.min(graceMs, HOUR_MS) || history.isCurrent(issueTime);
  }

  function consider(): void {
    if (closed || busy !== null || !pause.isOver()) return;
    const issueTime = history.issueTime();
    if (issued === occasion(issueTime) || !isTimely(issueTime)) return;
    busySince = clocks.machine.now().getTime();
    busy = issue(issueTime)
      .then(pause.end, (error: unknown) => {
        const reason = messageOf(error);
        if (pause.begin(reason))
          logger.error({ reason }, 'the forecast could not be made, it is tried again');
      })
      .finally(() => {
        busy = null;
      });
  }

  return {
    consider,
    isBusy: () => busy !== null,
    isStuck: () => busy !== null && clocks.machine.now().getTime() - busySince > STUCK_MS,
    async close() {
      closed = true;
      await busy;
      await outlet.close();
      await serving.close();
    },
  };
}
