import { createSiteCalendar } from '../forecasting/calendar/site-calendar.ts';
import { HOUR_MS } from '../forecasting/series.ts';
import { buildSiteConfig } from '../ota/site-config.ts';
import type { CloudDependencies } from './dependencies.ts';
import { loadSite } from './streams.ts';

/** Devices know the holidays this far ahead, so that they can live long without the cloud. */
const HOLIDAYS_AHEAD_DAYS = 400;

type SiteConfigDependencies = Pick<CloudDependencies, 'actors' | 'link' | 'signer' | 'clocks'>;

/** Publishes what the site's device needs to know of its site; clears it when there is no site or device. */
export async function publishSiteConfig(cloud: SiteConfigDependencies, systemId: string): Promise<void> {
  const { actors, link, signer, clocks } = cloud;
  const { stage, version } = await loadSite(actors, systemId);
  const { settings, deviceId } = stage.context;
  if (stage.state !== 'registered' || settings === null || deviceId === null) {
    await link.publishConfig(systemId, null);
    return;
  }
  const now = clocks.site.now();
  const { zone, ibgeCode, contract } = settings;
  const calendar = createSiteCalendar({ zone, ibgeCode });
  const today = calendar.dayOf(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS);
  const holidays = calendar.specialDays(today, today + HOLIDAYS_AHEAD_DAYS);
  const config = {
    systemId,
    deviceId,
    revision: version,
    issuedAt: now.toISOString(),
    zone,
    ibgeCode,
    contract,
    holidays,
    flags: [],
  };
  await link.publishConfig(systemId, await buildSiteConfig(config, signer));
}
