import { describe, expect, it } from 'vitest';
import { CALLER, cloudOnMemory, SITE, SITE_NOW } from '../../test/cloud/cloud-on-memory.ts';
import { sampleSettings } from '../../test/sample-facts.ts';
import { HOUR_MS, noOutlook } from '../forecasting/series.ts';
import { publishSiteConfig } from './site-config.ts';

const at = (hours: number): number => SITE_NOW + hours * HOUR_MS;

describe('the configuration of a device', () => {
  it('carries the days and hours that the site’s people named, beside those known of the place', async () => {
    const { control, cloud, retained } = await cloudOnMemory();
    const specialDays = [{ date: '2026-02-09', name: 'Férias coletivas', kind: 'shutdown' as const }];
    const eventFlags = [{ label: 'kiln', hours: [14, 15], weekdays: [1] }];
    await control.putSite(CALLER, SITE, { ...sampleSettings, specialDays, eventFlags });
    await control.addDevice(CALLER, SITE);
    await publishSiteConfig(cloud, SITE);
    const config = retained.get(`config/${SITE}`);
    expect(config).toMatchObject({ flags: eventFlags });
    expect(config).not.toHaveProperty('prices');
    const holidays = config?.['holidays'] as { date: string }[];
    const dates = holidays.map(({ date }) => date);
    expect(dates).toContain('2026-02-09');
    // The history of a forecast reaches back over them, and the device for more than a year without the cloud.
    expect(dates[0]).toBe('2025-11-15');
    expect(dates).toContain('2025-12-25');
    expect(dates.at(-1)).toBe('2027-02-09');
  });

  it('carries prices and temperature forecasts with the time of their issue', async () => {
    const { control, cloud, retained } = await cloudOnMemory();
    const price = { issuedAt: at(-10), start: at(-3), values: Float64Array.of(61.07, Number.NaN) };
    const sixteenDays = new Float64Array(384).fill(21);
    const forecasts = [-3, -2, -1].map((hour) => ({ ...price, issuedAt: at(hour), values: sixteenDays }));
    const read = async () => ({ temperature: forecasts, price: [price] });
    await control.putSite(CALLER, SITE, sampleSettings);
    await control.addDevice(CALLER, SITE);
    await publishSiteConfig({ ...cloud, outlook: { read } }, SITE);
    const config = retained.get(`config/${SITE}`);
    const told = {
      issuedAt: '2026-01-04T20:00:00.000Z',
      start: '2026-01-05T03:00:00.000Z',
      values: [61.07, null],
    };
    expect(config?.['prices']).toEqual([told]);
    const told5Days = { ...told, values: Array.from({ length: 120 }, () => 21) };
    expect(config?.['temperatureForecasts']).toEqual([
      { ...told5Days, issuedAt: new Date(at(-2)).toISOString() },
      { ...told5Days, issuedAt: new Date(at(-1)).toISOString() },
    ]);
    await publishSiteConfig({ ...cloud, outlook: { read: async () => noOutlook } }, SITE);
    expect(retained.get(`config/${SITE}`)).not.toHaveProperty('prices');
  });
});
