import { describe, expect, it } from 'vitest';
import { CALLER, cloudOnMemory, SITE } from '../../../test/cloud/cloud-on-memory.ts';
import { sampleSettings } from '../../../test/sample-facts.ts';

describe('a site', () => {
  it.each([
    ['unknown-place', { ibgeCode: '9999999' }],
    ['unknown-zone', { zone: 'EST' }],
    ['no-date', { specialDays: [{ date: '2026-02-30', name: 'Aniversário', kind: 'municipal' as const }] }],
    ['no-date', { eventFlags: [{ label: 'kiln', hours: [9], dates: ['2026-13-01'] }] }],
    ['no-instant', { target: { mape: 0.1, reason: 'new line', expires: '2026-13-45T00:00Z' } }],
    [
      'empty-validity',
      {
        contract: {
          ...{ peakKw: null, offPeakKw: 100, peakHours: [], tolerance: 0.05 },
          ...{ validFrom: '2026-03-01T03:00:00Z', validTo: '2026-02-01T03:00:00Z' },
        },
      },
    ],
  ])('is refused at once with settings that would fail later: %s', async (code, over) => {
    const { control, log } = await cloudOnMemory();
    const settings = { ...sampleSettings, ...over };
    await expect(control.putSite(CALLER, SITE, settings)).rejects.toMatchObject({ name: 'Invalid', code });
    expect(await log.headSeq()).toBe(0);
  });

  it('takes devices that are added at the same moment: the last one stays, the others are revoked', async () => {
    const { control, log, runUntil, revoked } = await cloudOnMemory();
    await control.putSite(CALLER, SITE, sampleSettings);
    const added = await Promise.all(Array.from({ length: 4 }, () => control.addDevice(CALLER, SITE)));
    const active = await log.lookup('active-device', SITE);
    const others = added.map(({ deviceId }) => deviceId).filter((deviceId) => deviceId !== active);
    expect(others).toHaveLength(3);
    await runUntil(() => expect([...revoked].sort()).toEqual(others.sort()));
  });

  it('loses its device’s credential when it is decommissioned, even while the broker is away', async () => {
    const { control, broker, runUntil, revoked, site } = await cloudOnMemory();
    const deviceId = await site();
    broker.isUp = false;
    await control.decommissionSite(CALLER, SITE, 'sold');
    await runUntil(() => expect(revoked).toEqual([deviceId]));
  });
});
