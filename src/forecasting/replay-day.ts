import { createSiteCalendar } from './calendar/site-calendar.ts';
import type { SpecialDay } from './calendar/special-days.ts';
import { bridgeHistory } from './cleaning/history.ts';
import { publishedPrices } from './cleaning/prices.ts';
import type { HourReading } from './cleaning/readings.ts';
import { expectedStops } from './cleaning/stops.ts';
import { createEventFlags, type EventFlag } from './features/event-flags.ts';
import { UnknownLayout } from './features/layout.ts';
import { type ForecastHour, forecastAt } from './forecast-at.ts';
import { type LoadModel, UnusableModel } from './inference.ts';
import type { Outlook } from './series.ts';

/** One model of a version. */
export interface ModelFile {
  readonly modelType: string;
  readonly artifact: Uint8Array;
}

/** Several models of a site, to forecast one day as a device would have at its first hour. */
export interface DayReplay {
  readonly systemId: string;
  readonly zone: string;
  readonly ibgeCode: string | null;
  /** Days and hours that the site's people named. */
  readonly imported: readonly SpecialDay[];
  readonly eventFlags: readonly EventFlag[];
  readonly outlook: Outlook;
  /** Readings of the 60 days before `issueTime`; of later ones only prices are looked at, as they were published. */
  readonly readings: readonly HourReading[];
  /** Epoch ms, a whole hour. */
  readonly issueTime: number;
  readonly models: readonly ModelFile[];
}

/** Leads 1 to 24, kW. */
export interface ModelDay {
  readonly modelType: string;
  readonly loadKw: readonly number[];
  readonly lowerKw: readonly number[];
  readonly upperKw: readonly number[];
}

export interface ReplayedDay {
  readonly days: readonly ModelDay[];
  /** Models that gave no forecast, and why; they would give none at another try. */
  readonly refused: readonly { readonly modelType: string; readonly reason: string }[];
}

const DAY_HOURS = 24;

const dayOf = (modelType: string, hours: readonly ForecastHour[]): ModelDay => {
  const day = hours.slice(0, DAY_HOURS);
  return {
    modelType,
    loadKw: day.map(({ loadKw }) => loadKw),
    lowerKw: day.map(({ lowerKw }) => lowerKw),
    upperKw: day.map(({ upperKw }) => upperKw),
  };
};

/**
 * What each model would have forecast at the issue time, from what was known then.
 * @throws {NoHistory} when too little was measured before it
 */
export async function replayDay(request: DayReplay, loadModel: LoadModel): Promise<ReplayedDay> {
  const { issueTime, eventFlags, outlook: told, zone, ibgeCode, imported } = request;
  const calendar = createSiteCalendar({ zone, ibgeCode, imported });
  const history = bridgeHistory(request.readings, issueTime, expectedStops(calendar, eventFlags));
  // Prices of the day itself may have been stored with its readings; each counts from when it was public.
  const price = told.price.length > 0 ? told.price : publishedPrices(request.readings);
  const known = { calendar, history, issueTime, outlook: { ...told, price } };

  async function forecast({ modelType, artifact }: ModelFile): Promise<ModelDay> {
    const session = await loadModel(artifact);
    try {
      const hours = await forecastAt({
        ...known,
        session,
        eventFlags: createEventFlags(eventFlags, calendar),
      });
      return dayOf(modelType, hours);
    } finally {
      await session.close();
    }
  }

  const days: ModelDay[] = [];
  const refused: ReplayedDay['refused'][number][] = [];
  for (const model of request.models) {
    try {
      days.push(await forecast(model));
    } catch (error) {
      if (!(error instanceof UnusableModel || error instanceof UnknownLayout)) throw error;
      refused.push({ modelType: model.modelType, reason: error.message });
    }
  }
  return { days, refused };
}
