import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type MqttDevice, openMqttDevice } from '../../bench/fleet/mqtt-device.ts';
import type { Trainer } from '../../src/ports/trainer.ts';
import { createQuickTrainer } from './quick-trainer.ts';
import { createWorld, type E2eWorld, type NewDevice } from './world.ts';

/** Rollouts over twelve sites: a cloud with its own broker, real evaluations, and devices that answer over MQTT. */

const SITES = Array.from({ length: 12 }, (_, i) => `bess-${i + 1}`);
const PATIENCE = { timeout: 60_000, interval: 100 } as const;
const TIMEOUT = { timeout: 120_000 };
const QUICK = { shadowDays: 0, soakHours: 0 };

interface Desired {
  readonly deploymentId: string;
  readonly assignment: number;
  readonly version: string;
}
interface Rollout {
  readonly rolloutId: string;
  readonly status: string;
  readonly cause: string | null;
  readonly breach: object | null;
  readonly counts: Readonly<Record<string, number>>;
}
interface Site {
  readonly systemId: string;
  readonly status: string;
  readonly stage: string | null;
  readonly shadowMape: number | null;
}

let world: E2eWorld;
const devices: MqttDevice[] = [];
/** What a device answers to a version. */
let answer: (systemId: string, version: string) => 'active' | 'rolledback' = () => 'active';
/** What each site's device was told to run, once for each deployment. */
const told = new Map<string, Map<string, string>>(SITES.map((systemId) => [systemId, new Map()]));

async function startDevice(systemId: string, { deviceId, secret }: NewDevice): Promise<void> {
  const { hostname: host, port } = new URL(world.cloud.mqttUrl);
  const topic = `lifo4/${systemId}/ml/model`;
  let messages = 0;
  const onMessage = (payload: Buffer, device: MqttDevice): void => {
    if (payload.length === 0) return;
    const { deploymentId, assignment, version }: Desired = JSON.parse(payload.toString());
    if (told.get(systemId)?.has(deploymentId) === true) return;
    told.get(systemId)?.set(deploymentId, version);
    const status = answer(systemId, version);
    const about = {
      messageId: `${deviceId}-${++messages}`,
      deviceId,
      deploymentId,
      assignment,
      version,
      status,
    };
    const reason = status === 'active' ? {} : { reason: 'the forecast is not finite' };
    const at = world.cloud.clocks.site.now().toISOString();
    const runningVersion = status === 'active' ? version : '1.0.0';
    void device.publish(`${topic}/ack`, JSON.stringify({ ...about, ...reason, runningVersion, at }));
  };
  devices.push(await openMqttDevice({ host, port: Number(port), deviceId, secret }, topic, onMessage));
}

/** Models of two weeks ago that are too little tested to replace what runs: the gate keeps them. */
function cautiousTrainer(): Trainer {
  const quick = createQuickTrainer();
  return {
    ...quick,
    train: async (...asked) => {
      const made = await quick.train(...asked);
      const comparison = made.comparison === null ? null : { ...made.comparison, unseenDays: 2 };
      return { ...made, comparison, trainedUntil: '2026-10-01T03:00:00Z' };
    },
  };
}

async function siteWithTwoVersions(systemId: string): Promise<void> {
  await world.addSite(systemId);
  await startDevice(systemId, await world.addDevice(systemId));
  await world.jobReaches(await world.retrain(systemId), 'acked');
  await world.jobReaches(await world.retrain(systemId), 'kept');
}

const rollout = async (rolloutId: string) =>
  (await world.call('GET', `/rollouts/${rolloutId}`)) as unknown as Rollout;
const sitesOf = async (rolloutId: string) =>
  (await world.call('GET', `/rollouts/${rolloutId}/sites`))['items'] as readonly Site[];

async function start(wish: object): Promise<string> {
  const begun = await world.call('POST', '/rollouts', wish, 202);
  return (begun as unknown as Rollout).rolloutId;
}

async function reaches(rolloutId: string, status: string): Promise<Rollout> {
  await vi.waitFor(async () => {
    const now = await rollout(rolloutId);
    expect(now.status, JSON.stringify(now)).toBe(status);
  }, PATIENCE);
  return rollout(rolloutId);
}

const timesTold = (systemId: string, version: string): number =>
  [...(told.get(systemId)?.values() ?? [])].filter((each) => each === version).length;

beforeAll(async () => {
  world = await createWorld({ wrapTrainer: cautiousTrainer, config: { trainings: 4 } });
  await Promise.all(SITES.map(siteWithTwoVersions));
  await vi.waitFor(async () => {
    const { items } = await world.call('GET', '/systems');
    const running = (items as readonly Record<string, unknown>[]).filter(
      (site) => site['runningVersion'] === '1.0.0',
    );
    expect(running).toHaveLength(SITES.length);
  }, PATIENCE);
}, 120_000);

afterAll(async () => {
  for (const device of devices) device.end();
  await world.close();
});

describe('a rollout over twelve sites', () => {
  it(
    'looks at a candidate in shadow before it sends it, and takes it back when a person aborts',
    TIMEOUT,
    async () => {
      const stages = [{ sites: 1 }];
      const rolloutId = await start({ sites: [{ systemId: 'bess-1' }], shadowDays: 2, stages });
      await reaches(rolloutId, 'soaking');
      const [site] = await sitesOf(rolloutId);
      expect(site).toMatchObject({ status: 'active', stage: '1 site', shadowMape: expect.any(Number) });
      await world.call('POST', `/rollouts/${rolloutId}/abort`, { reason: 'the wrong version' });
      expect((await reaches(rolloutId, 'aborted')).counts).toMatchObject({ reverted: 1, active: 0 });
      expect(timesTold('bess-1', '1.1.0')).toBe(1);
    },
  );

  it(
    'stops at a model that fails in the second stage, and offers updated sites what they ran, once',
    TIMEOUT,
    async () => {
      const sites = SITES.map((systemId) => ({ systemId }));
      answer = (systemId, version) =>
        systemId === 'bess-3' && version === '1.1.0' ? 'rolledback' : 'active';
      const before = SITES.map((systemId) => timesTold(systemId, '1.0.0'));
      const stages = [{ sites: 1 }, { sharePct: 25 }, { sharePct: 100 }];
      const rolloutId = await start({ ...QUICK, sites, stages, onBreach: 'abort' });
      const ended = await reaches(rolloutId, 'aborted');
      expect(ended).toMatchObject({
        cause: 'threshold',
        breach: { measure: 'failures', count: 1, of: 2, limitPct: 5 },
      });
      expect(ended.counts).toMatchObject({ reverted: 2, failed: 1, waiting: 9, active: 0 });
      const again = SITES.map((systemId, i) => timesTold(systemId, '1.0.0') - (before[i] ?? 0));
      // The device that took its model back by itself hears again what it runs, under the deployment that it knows.
      expect(again).toEqual([1, 1, 0, ...Array(9).fill(0)]);
    },
  );

  it('goes the whole way over those that did not fail, through a pause', TIMEOUT, async () => {
    answer = () => 'active';
    const plan = await world.call('POST', '/rollouts', { ...QUICK, dryRun: true }, 200);
    expect(plan['left']).toMatchObject([
      { systemId: 'bess-3', reason: expect.stringContaining('gave back') },
    ]);
    const rolloutId = await start({ ...QUICK, atOnce: 2 });
    await vi.waitFor(
      async () => expect((await rollout(rolloutId)).counts['active']).toBeGreaterThan(2),
      PATIENCE,
    );
    await world.call('POST', `/rollouts/${rolloutId}/pause`, { reason: 'lunch' });
    // What was on offer is answered; nothing more is offered.
    await vi.waitFor(async () => expect((await rollout(rolloutId)).counts['offered']).toBe(0), PATIENCE);
    expect((await rollout(rolloutId)).counts['waiting']).toBeGreaterThan(0);
    await world.call('POST', `/rollouts/${rolloutId}/resume`, { reason: 'back' });
    expect((await reaches(rolloutId, 'completed')).counts).toMatchObject({ active: 11 });
    await vi.waitFor(async () => {
      const { items } = await world.call('GET', '/systems');
      const versions = (items as readonly Record<string, unknown>[]).map((site) => site['runningVersion']);
      expect(versions.filter((version) => version === '1.1.0')).toHaveLength(11);
    }, PATIENCE);
    // The list follows the log.
    await vi.waitFor(async () => {
      const { items } = await world.call('GET', '/rollouts');
      const states = (items as readonly Rollout[]).map(({ status }) => status);
      expect(states).toEqual(['completed', 'aborted', 'aborted']);
    }, PATIENCE);
  });
});
