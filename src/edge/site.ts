import type { Logger } from 'pino';
import { type Calendar, createCalendar } from '../forecasting/calendar/calendar.ts';
import { nationalDays } from '../forecasting/calendar/national-days.ts';
import { listedDays } from '../forecasting/calendar/special-days.ts';
import { createTariffCalendar } from '../forecasting/calendar/tariff-days.ts';
import { expectedStops } from '../forecasting/cleaning/stops.ts';
import { createDemandLimit, type DemandLimit } from '../forecasting/exceedance/demand-limit.ts';
import { createEventFlags, type EventFlags, noEventFlags } from '../forecasting/features/event-flags.ts';
import { HOUR_MS, type IssuedValues, noOutlook, type Outlook } from '../forecasting/series.ts';
import type { TrustedKeys } from '../ota/signature.ts';
import { parseSiteConfig, type SiteConfig } from '../ota/site-config.ts';
import type { DeviceStore } from '../ports/device-store.ts';
import type { Logbook } from './logbook.ts';
import { messageOf } from './refusals.ts';

/** What the device knows of its site: the last configuration that it could trust, kept over restarts. */
export interface SiteKnowledge {
  calendar(): Calendar;
  eventFlags(): EventFlags;
  /** Whether the site is expected to stop in the hour that begins at `hour` (epoch ms). */
  stops(hour: number): boolean;
  /** Temperature forecasts and prices that the cloud has passed on. */
  outlook(): Outlook;
  /** What the site's demand may reach; null where it has no contract. */
  demandLimit(): DemandLimit | null;
  /** Local hours in which a model may be fetched; null for all. */
  downloadHours(): readonly number[] | null;
  /** Reads a configuration from the cloud; one that cannot be trusted changes nothing. True when it was taken. */
  take(payload: Uint8Array | null): Promise<boolean>;
}

export interface SiteKnowledgeOptions {
  readonly systemId: string;
  readonly deviceId: string;
  readonly keys: TrustedKeys;
  /** IANA zone of the site, until the cloud has said more. */
  readonly zone: string;
  readonly store: DeviceStore;
  readonly logger: Logger;
  readonly logbook: Logbook;
  /** Told the instant at which a configuration that is believed was signed, epoch ms. */
  readonly onSigned: (instant: number) => void;
}

const SETTING = 'site-config';

/** Issued values as the features read them; a list of whole hours, ascending by issue time. */
const issuedOf = (issued: SiteConfig['prices']): IssuedValues[] =>
  (issued ?? [])
    .map(({ issuedAt, start, values }) => ({
      issuedAt: Date.parse(issuedAt),
      start: Math.floor(Date.parse(start) / HOUR_MS) * HOUR_MS,
      values: Float64Array.from(values, (value) => value ?? Number.NaN),
    }))
    .sort((a, b) => a.issuedAt - b.issuedAt);

const outlookOf = ({ temperatureForecasts, prices }: SiteConfig): Outlook => ({
  temperature: issuedOf(temperatureForecasts),
  price: issuedOf(prices),
});

export function createSiteKnowledge(options: SiteKnowledgeOptions): SiteKnowledge {
  const { systemId, deviceId, keys, zone, store, logger } = options;
  let floor = 0;
  // Regional days come with the configuration; the library that knows them would cost the device 30 MB.
  let calendar = createCalendar({ zone, days: nationalDays });
  let eventFlags: EventFlags = noEventFlags;
  let outlook = noOutlook;
  let stops = expectedStops(calendar);
  let demandLimit: DemandLimit | null = null;
  let downloadHours: readonly number[] | null = null;

  function learn(config: SiteConfig): void {
    calendar = createCalendar({ zone: config.zone, days: listedDays(config.holidays) });
    eventFlags = createEventFlags(config.flags, calendar);
    outlook = outlookOf(config);
    stops = expectedStops(calendar, config.flags);
    demandLimit = config.contract && createDemandLimit(config.contract, createTariffCalendar(config.zone));
    downloadHours = config.downloadHours ?? null;
    floor = config.revision;
    options.onSigned(Date.parse(config.issuedAt));
  }

  const known = store.setting(SETTING);
  if (known !== null) learn(JSON.parse(known));

  async function read(payload: Uint8Array): Promise<boolean> {
    const config = await parseSiteConfig(payload, { systemId, deviceId, keys, floor });
    learn(config);
    store.saveSetting(SETTING, JSON.stringify(config));
    return true;
  }

  return {
    calendar: () => calendar,
    eventFlags: () => eventFlags,
    outlook: () => outlook,
    stops: (hour) => stops(hour),
    demandLimit: () => demandLimit,
    downloadHours: () => downloadHours,
    async take(payload) {
      if (payload === null) return false;
      try {
        return await read(payload);
      } catch (error) {
        // Also for an unknown zone or a date that does not exist, signed all the same: keep what is known.
        options.logbook.refuse('config', messageOf(error));
        logger.warn({ reason: messageOf(error) }, 'site configuration refused, the last good one stays');
        return false;
      }
    },
  };
}
