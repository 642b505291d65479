import { beforeEach, describe, expect, it } from 'vitest';
import {
  ackOf,
  CALLER,
  type CloudOnMemory,
  cloudOnMemory,
  SITE_NOW,
} from '../../../test/cloud/cloud-on-memory.ts';

let world: CloudOnMemory;
let deviceId: string;

beforeEach(async () => {
  world = await cloudOnMemory();
  deviceId = await world.site();
  await world.offer({ deviceId });
});

const report = (status: 'active' | 'rolledback', runningVersion: string | null) => ({
  ...{ messageId: 'r-1', deviceId, installationId: 'i-1', state: status, refused: null, floor: 1 },
  running:
    runningVersion === null
      ? null
      : {
          ...{ version: runningVersion, modelType: 'ensemble', deploymentId: 'dep-1', assignment: 1 },
          checksum: `sha256:${'1'.repeat(64)}`,
        },
  attempted: { deploymentId: 'dep-1', assignment: 1, version: '1.0.0', status, reason: 'no number' },
  ...{ historyHours: 720, at: '2026-01-05T06:06:00Z' },
});

describe('a device’s report, when its ack was lost', () => {
  it('tells of a rollback after the model was active', async () => {
    await world.say('ack', ackOf(deviceId, 'dep-1', 'active'));
    await world.say('state', report('rolledback', null));
    expect(await world.stateOf('dep-1')).toBe('rolledback');
    expect(await world.running()).toBeNull();
  });

  it('changes nothing when it repeats what the ack said', async () => {
    await world.say('ack', ackOf(deviceId, 'dep-1', 'active'));
    await world.say('state', report('active', '1.0.0'));
    const facts = await world.log.readStream('deployment-dep-1');
    expect(facts.map(({ fact }) => fact.type)).toEqual(['DeploymentOffered', 'DeploymentActivated']);
  });

  it('is old news when a rollback is known already', async () => {
    await world.say('ack', ackOf(deviceId, 'dep-1', 'rolledback', null));
    await world.say('state', report('active', '1.0.0'));
    expect(await world.stateOf('dep-1')).toBe('rolledback');
  });
});

describe('a device’s message', () => {
  it('is refused for good when its text cannot be stored', async () => {
    await world.say('ack', { ...ackOf(deviceId, 'dep-1', 'rejected'), reason: 'a\u0000b' });
    await world.say('ack', { ...ackOf(deviceId, 'dep-1', 'rejected'), reason: 'a\ud800b' });
    expect(world.refusals).toEqual(['malformed', 'malformed']);
    expect(await world.stateOf('dep-1')).toBe('offered');
  });

  it('is refused for good when its readings lie before any that can be stored', async () => {
    const readings = [{ hour: '0000-01-01T00:00Z', loadKw: 1 }];
    await world.say('telemetry', { messageId: 'm', deviceId, readings });
    expect(world.refusals).toEqual(['malformed']);
  });

  it('is refused when a fast clock dated its forecast ahead: that one would stay the latest; others are kept', async () => {
    const forecast = (start: number) => {
      const at = (lead: number) => new Date(start + lead * 3_600_000).toISOString();
      const hours = Array.from({ length: 48 }, (_, lead) => ({
        ...{ hour: at(lead), loadKw: 1, lowerKw: 0, upperKw: 2, peakProbability: null },
      }));
      return {
        messageId: `f-${start}`,
        deviceId,
        issuedAt: at(0),
        version: null,
        modelType: 'seasonal-naive',
        hours,
      };
    };
    await world.say('forecast', forecast(SITE_NOW + 3_600_000));
    await world.say('forecast', forecast(SITE_NOW + 10 * 365 * 24 * 3_600_000));
    const { hours, ...made } = forecast(SITE_NOW);
    const [first, ...rest] = hours;
    const contracted = [{ ...first, exceedanceProbability: 0.25 }, ...rest];
    await world.say('forecast', { ...made, exceedanceBasis: 'max15', hours: contracted });
    expect(world.refusals).toEqual(['future-forecast', 'future-forecast']);
    const [stored] = world.forecasts;
    expect(stored?.hours[0]).toMatchObject({ exceedanceProbability: 0.25, exceedanceBasis: 'max15' });
    expect(stored?.hours[1]).not.toHaveProperty('exceedanceBasis');
    expect(world.forecasts.map(({ issuedAt }) => issuedAt)).toEqual([new Date(SITE_NOW).toISOString()]);
  });

  it('is refused when a deployment has had its fill of answers that change nothing, but a rollback still counts', async () => {
    for (let i = 0; i < 120; i++) {
      await world.say('ack', { ...ackOf(deviceId, 'dep-1', 'active'), messageId: `again-${i}` });
    }
    expect(world.refusals).toHaveLength(20);
    expect(new Set(world.refusals)).toEqual(new Set(['answer-quota']));
    await world.say('ack', ackOf(deviceId, 'dep-1', 'rolledback', null));
    expect(await world.stateOf('dep-1')).toBe('rolledback');
    expect(await world.log.readStream('deployment-dep-1')).toHaveLength(102);
  });

  it('is not heard from a device that was revoked', async () => {
    await world.control.revokeDevice(CALLER, deviceId, 'stolen');
    await world.say('ack', ackOf(deviceId, 'dep-1', 'active'));
    expect(world.refusals).toEqual(['foreign-device']);
    expect(await world.stateOf('dep-1')).toBe('offered');
  });
});
