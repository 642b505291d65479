import { describe, expect, it } from 'vitest';
import { sampleSettings } from '../../test/sample-facts.ts';
import { device } from './device.ts';
import { IllegalCommand } from './lifecycle.ts';
import { type SiteCommand, type SiteStage, site } from './site.ts';

const at = new Date('2026-01-05T06:00:00Z');
const register: SiteCommand = {
  type: 'register',
  systemId: 'bess-456',
  tenant: 'acme',
  settings: sampleSettings,
};

function run(...commands: readonly SiteCommand[]) {
  let stage: SiteStage = site.initial;
  let effects: readonly string[] = [];
  for (const command of commands) {
    for (const fact of site.decide(stage, command, at)) {
      const [next, asked] = site.step(stage, fact);
      stage = next;
      effects = asked.map(({ type }) => type);
    }
  }
  return { stage, effects };
}

describe('site', () => {
  it('given a registration, it plans the weekly retrain', () => {
    expect(run(register).effects).toEqual(['plan-weekly-retrain', 'publish-config']);
  });

  it('given a planned slot, the retrain starts by the site clock', () => {
    const slot = '2026-01-12T06:00:00.000Z';
    const [fact] = site.decide(
      run(register).stage,
      { type: 'schedule-retrain', slot, startsAt: slot, skipped: null },
      at,
    );
    if (fact === undefined) throw new Error('no fact');
    const [next, effects] = site.step(run(register).stage, fact);
    expect(next.context.nextRetrain).toBe(slot);
    expect(effects).toMatchObject([{ type: 'start-weekly-retrain', due: { clock: 'site', at: slot } }]);
  });

  it('given another device, it is told of the site and gets its model', () => {
    expect(run(register, { type: 'assign-device', deviceId: 'dev-1' }).effects).toEqual([
      'publish-config',
      'equip-device',
    ]);
  });

  it('given its end, it withdraws and stays ended', () => {
    const end: SiteCommand = { type: 'decommission', reason: 'sold' };
    expect(run(register, end).effects).toEqual(['withdraw-site']);
    expect(() => run(register, end, register)).toThrow(IllegalCommand);
  });
});

describe('device', () => {
  it('given a revocation, its credential goes and it never comes back', () => {
    const added = device.step(device.initial, {
      type: 'DeviceAdded',
      data: { deviceId: 'dev-1', systemId: 'bess-456', tenant: 'acme' },
    })[0];
    const [revoked, effects] = device.step(added, { type: 'DeviceRevoked', data: { reason: 'lost' } });
    expect(effects).toMatchObject([{ type: 'revoke-credential', data: { deviceId: 'dev-1' } }]);
    expect(device.legalFacts(revoked)).toEqual([]);
  });
});
