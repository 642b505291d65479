import { createHash } from 'node:crypto';
import { createSiteCalendar } from '../forecasting/calendar/site-calendar.ts';
import { publishedPrices } from '../forecasting/cleaning/prices.ts';
import { HOUR_MS, type IssuedValues, type Outlook } from '../forecasting/series.ts';
import { buildSiteConfig, type SiteConfig } from '../ota/site-config.ts';
import type { CloudDependencies } from './dependencies.ts';
import { hourReading } from './hour-reading.ts';
import { placeOf } from './site-place.ts';
import { loadSite } from './streams.ts';

/** Devices know the holidays this far ahead, so that they can live long without the cloud. */
const HOLIDAYS_AHEAD_DAYS = 400;
/** The history of a forecast, whose day types a device works out itself, and some gaps. */
const HOLIDAYS_BEHIND_DAYS = 60;

/** Whole days back whose prices and forecasts are read. */
const OUTLOOK_BEHIND_DAYS = 13;
const DAY_MS = 24 * HOUR_MS;
/** More would be no news to the device, and the message must stay small on a poor link. */
const NEWEST_FORECASTS = 2;
/** A model looks two days ahead; the others are for a device that hears of no newer forecast. */
const FORECAST_HOURS = 120;
/**
 * Publications of a day each: the features look back eight days. Fewer than are read, so that the oldest leaves when
 * a new one comes and not in between, and one message a day tells both.
 */
const NEWEST_PRICES = 12;
/** The longest day that anybody publishes, with room. */
const PRICE_DAY_HOURS = 48;

/** Hours to come whose prices may be stored already. */
const PRICES_AHEAD_MS = 2 * DAY_MS;

type SiteConfigDependencies = Pick<
  CloudDependencies,
  'actors' | 'link' | 'signer' | 'clocks' | 'outlook' | 'telemetry'
>;

const told = (issued: readonly IssuedValues[], newest: number, hours: number) =>
  issued.slice(-newest).map(({ issuedAt, start, values }) => ({
    issuedAt: new Date(issuedAt).toISOString(),
    start: new Date(start).toISOString(),
    values: Array.from(values.subarray(0, hours), (value) => (Number.isNaN(value) ? null : value)),
  }));

/** Forecasts and prices as the message has them; nothing where the site has none. */
const outlookPart = ({ temperature, price }: Outlook) => ({
  ...(temperature.length === 0
    ? {}
    : { temperatureForecasts: told(temperature, NEWEST_FORECASTS, FORECAST_HOURS) }),
  ...(price.length === 0 ? {} : { prices: told(price, NEWEST_PRICES, PRICE_DAY_HOURS) }),
});

/** What is known ahead; prices are those of a source, or where it has none those stored with the readings. */
async function knownAhead(
  { outlook, telemetry }: SiteConfigDependencies,
  systemId: string,
  since: Date,
  now: Date,
): Promise<Outlook> {
  const told = await outlook.read(systemId, since, now);
  if (told.price.length > 0) return told;
  const until = new Date(now.getTime() + PRICES_AHEAD_MS);
  const priced = (await telemetry.priced?.(systemId, since, until)) ?? [];
  const price = publishedPrices(priced.map(hourReading)).filter(({ issuedAt }) => issuedAt < now.getTime());
  return { ...told, price };
}

/** What the site's device needs to know of its site; null when there is no site or device. */
async function siteConfigOf(cloud: SiteConfigDependencies, systemId: string): Promise<SiteConfig | null> {
  const { actors, clocks } = cloud;
  const { stage, version } = await loadSite(actors, systemId);
  const { settings, deviceId } = stage.context;
  if (stage.state !== 'registered' || settings === null || deviceId === null) return null;
  const now = clocks.site.now();
  const { zone, ibgeCode, contract, eventFlags = [], downloadHours } = settings;
  const calendar = createSiteCalendar(placeOf(settings));
  const today = calendar.dayOf(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS);
  const holidays = calendar.specialDays(today - HOLIDAYS_BEHIND_DAYS, today + HOLIDAYS_AHEAD_DAYS);
  const since = new Date((Math.floor(now.getTime() / DAY_MS) - OUTLOOK_BEHIND_DAYS) * DAY_MS);
  const outlook = await knownAhead(cloud, systemId, since, now);
  return {
    systemId,
    deviceId,
    revision: version,
    issuedAt: now.toISOString(),
    zone,
    ibgeCode,
    contract,
    holidays: [...holidays],
    flags: eventFlags,
    ...(downloadHours === undefined ? {} : { downloadHours }),
    ...outlookPart(outlook),
  };
}

/** Publishes what the site's device needs to know of its site; clears it when there is no site or device. */
export async function publishSiteConfig(cloud: SiteConfigDependencies, systemId: string): Promise<void> {
  const config = await siteConfigOf(cloud, systemId);
  const message = config === null ? null : await buildSiteConfig(config, cloud.signer);
  await cloud.link.publishConfig(systemId, message);
}

/** A configuration that was published again. */
export interface RenewedConfig {
  /** Hash of all that it says but the time of its making. */
  readonly content: string;
  readonly bytes: number;
}

const contentOf = ({ issuedAt: _, ...said }: SiteConfig): string =>
  createHash('sha256').update(JSON.stringify(said)).digest('base64url');

/** Publishes a site's configuration where it says something else than `told`; null where it does not. */
export async function renewSiteConfig(
  cloud: SiteConfigDependencies,
  systemId: string,
  told: string | null,
): Promise<RenewedConfig | null> {
  const config = await siteConfigOf(cloud, systemId);
  if (config === null) return null;
  const content = contentOf(config);
  if (content === told) return null;
  const message = await buildSiteConfig(config, cloud.signer);
  await cloud.link.publishConfig(systemId, message);
  return { content, bytes: message.length };
}
