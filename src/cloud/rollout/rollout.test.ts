import { describe, expect, it } from 'vitest';
import { CALLER } from '../../../test/cloud/cloud-on-memory.ts';
import {
  fileOf,
  REQUEST,
  type RolloutFleet,
  RULES,
  rolloutFleet,
} from '../../../test/cloud/rollout-fleet.ts';
import type { HourScore } from '../../ports/scores.ts';

const stateIs = (fleet: RolloutFleet, rolloutId: string, state: string) => async () =>
  expect((await fleet.rolloutOf(rolloutId)).stage.state).toBe(state);

const statuses = async (fleet: RolloutFleet, rolloutId: string) =>
  (await fleet.sitesOf(rolloutId)).map(({ status }) => status);

const stoppedBy = async (fleet: RolloutFleet, rolloutId: string) =>
  (await fleet.rolloutOf(rolloutId)).stage.context.stopped;

const withRules = (rules: Partial<typeof RULES>) => ({ ...REQUEST, rules: { ...RULES, ...rules } });

/** How many offers of a version the site's deployments have had. */
async function offersOf({ log }: RolloutFleet, systemId: string, version: string): Promise<number> {
  const facts = await log.readSite({ systemId, types: ['DeploymentOffered'], until: new Date('2030-01-01') });
  return facts.filter(({ fact }) => (fact.data as { readonly version: string }).version === version).length;
}

describe('a rollout', () => {
  it('goes from one site over a share to all', async () => {
    const fleet = await rolloutFleet(8);
    const rolloutId = await fleet.start();
    await fleet.live(stateIs(fleet, rolloutId, 'completed'));
    const sites = await fleet.sitesOf(rolloutId);
    expect(sites.map(({ status }) => status)).toEqual(Array(8).fill('active'));
    expect(sites.map(({ stage }) => stage)).toEqual([0, 1, 2, 2, 2, 2, 2, 2]);
    for (const { systemId, deploymentId } of sites) expect(await fleet.runs(systemId)).toBe(deploymentId);
    const list = await fleet.cloud.readModels.list('rollouts', { tenant: 'acme', limit: 10 });
    expect(list.items).toMatchObject([
      { rolloutId, status: 'completed', stage: 'all', counts: { active: 8, waiting: 0 } },
    ]);
  });

  it('stops at a threshold, forgives what a person has looked into, and goes on', async () => {
    const fleet = await rolloutFleet(8);
    const second = (await fleet.control.planRollout(CALLER, REQUEST)).sites[1]?.systemId;
    fleet.answers((systemId) => (systemId === second ? 'rejected' : 'active'));
    const rolloutId = await fleet.start();
    await fleet.live(stateIs(fleet, rolloutId, 'paused'));
    expect(await stoppedBy(fleet, rolloutId)).toMatchObject({
      cause: 'threshold',
      breach: { measure: 'failures', count: 1, of: 1, limit: 0.2 },
    });
    expect((await statuses(fleet, rolloutId)).filter((status) => status === 'waiting')).toHaveLength(6);
    await fleet.control.resumeRollout(CALLER, rolloutId, 'a full disk at that site');
    await fleet.live(stateIs(fleet, rolloutId, 'completed'));
    expect((await statuses(fleet, rolloutId)).filter((status) => status === 'active')).toHaveLength(7);
  });

  it('aborts by itself where that is asked for, and offers each updated site what it ran before, once', async () => {
    const fleet = await rolloutFleet(8);
    const { sites } = await fleet.control.planRollout(CALLER, REQUEST);
    const failing = sites[2]?.systemId;
    fleet.answers((systemId, version) =>
      systemId === failing && version === '1.1.0' ? 'rolledback' : 'active',
    );
    const stages = [{ sites: 1 }, { share: 0.5 }, { share: 1 }];
    const rolloutId = await fleet.start({ ...withRules({ onBreach: 'abort' }), stages });
    await fleet.live(stateIs(fleet, rolloutId, 'aborted'));
    expect(await statuses(fleet, rolloutId)).toEqual([
      ...['reverted', 'reverted', 'rolledback', 'reverted'],
      ...Array(4).fill('waiting'),
    ]);
    for (const { systemId } of sites) {
      const updated = ['reverted', 'not-reverted'].includes(
        (await fleet.sitesOf(rolloutId)).find((site) => site.systemId === systemId)?.status ?? '',
      );
      expect(await offersOf(fleet, systemId, '1.0.0')).toBe(updated ? 2 : 1);
    }
    const list = await fleet.cloud.readModels.list('rollouts', { tenant: 'acme', limit: 10 });
    expect(list.items).toMatchObject([
      { status: 'aborted', counts: { reverted: 3, failed: 1, waiting: 4, active: 0, offered: 0 } },
    ]);
    expect(await fleet.log.lookup('rollout-site', sites[0]?.systemId ?? '')).toBeNull();
  });

  it('offers nothing new while it is paused, and hears what comes in', async () => {
    const fleet = await rolloutFleet(6);
    fleet.answers(() => null);
    const rolloutId = await fleet.start({ ...REQUEST, stages: [{ sites: 3 }, { share: 1 }] });
    await fleet.live(async () =>
      expect((await statuses(fleet, rolloutId)).filter((status) => status === 'offered')).toHaveLength(3),
    );
    await fleet.control.pauseRollout(CALLER, rolloutId, 'the plant is rebuilt');
    fleet.answers(() => 'active');
    await fleet.live(async () =>
      expect((await statuses(fleet, rolloutId)).filter((status) => status === 'active')).toHaveLength(3),
    );
    expect((await statuses(fleet, rolloutId)).filter((status) => status === 'waiting')).toHaveLength(3);
    await fleet.control.resumeRollout(CALLER, rolloutId, 'done');
    await fleet.live(stateIs(fleet, rolloutId, 'completed'));
  });

  it('takes back offers that nobody has answered, and what a device took up after its offer had expired', async () => {
    const fleet = await rolloutFleet(2);
    fleet.answers((_, version) => (version === '1.1.0' ? null : 'active'));
    const rolloutId = await fleet.start({ ...REQUEST, stages: [{ sites: 2 }] });
    await fleet.live(async () => expect(await statuses(fleet, rolloutId)).toEqual(['offered', 'offered']));
    await fleet.control.abortRollout(CALLER, rolloutId, 'the wrong versions');
    await fleet.live(stateIs(fleet, rolloutId, 'aborted'));
    expect(await statuses(fleet, rolloutId)).toEqual(['reverted', 'reverted']);
    await expect(fleet.control.resumeRollout(CALLER, rolloutId, 'on')).rejects.toThrow(/not possible/);
  });
});

describe('the shadow of a rollout', () => {
  it('holds back candidates that are worse on recent days, and sites where nothing can be said', async () => {
    const fleet = await rolloutFleet(4);
    for (const site of fleet.sites) fleet.errors.set(fileOf(site, '1.0.0'), 0.05);
    fleet.errors.set(fileOf('site-0', '1.1.0'), 0.06);
    fleet.errors.set(fileOf('site-1', '1.1.0'), Number.NaN);
    fleet.errors.set(fileOf('site-2', '1.1.0'), 0.054);
    const rolloutId = await fleet.start(withRules({ shadowDays: 7 }));
    await fleet.live(stateIs(fleet, rolloutId, 'completed'));
    const sites = new Map((await fleet.sitesOf(rolloutId)).map((site) => [site.systemId, site]));
    expect(sites.get('site-0')).toMatchObject({
      status: 'held-back',
      shadowErrors: { candidate: 0.06, running: 0.05 },
    });
    expect(sites.get('site-1')).toMatchObject({
      status: 'skipped',
      reason: expect.stringContaining('measured'),
    });
    expect(sites.get('site-2')).toMatchObject({ status: 'active', shadowErrors: { candidate: 0.054 } });
    expect(await offersOf(fleet, 'site-0', '1.1.0')).toBe(0);
  });

  it('stops the rollout where too many candidates are worse, before anything is sent', async () => {
    const fleet = await rolloutFleet(4);
    for (const site of fleet.sites.slice(0, 3)) fleet.errors.set(fileOf(site, '1.1.0'), 0.07);
    const rolloutId = await fleet.start(withRules({ shadowDays: 7 }));
    await fleet.live(stateIs(fleet, rolloutId, 'paused'));
    expect(await stoppedBy(fleet, rolloutId)).toMatchObject({ breach: { measure: 'shadowWorse', of: 4 } });
    expect(await fleet.typesOf(rolloutId)).not.toContain('SitesOffered');
  });
});

/** Hours since the new year, of the version that served them: so large an error each. */
const hourScores = (
  serving: (hour: number) => { readonly version: string; readonly errorKw: number },
): HourScore[] =>
  Array.from({ length: 96 }, (_, i) => {
    const at = Date.parse('2026-01-03T06:00:00Z') + i * 3_600_000;
    const { version, errorKw } = serving(at);
    return {
      hour: new Date(at).toISOString(),
      modelType: 'ensemble',
      version,
      actualKw: 100,
      errors: [{ lead: 1, errorKw }],
    };
  });

describe('a stage’s models in service', () => {
  const rules = { soakHours: 24, atOnce: 50 };
  const began = Date.parse('2026-01-05T06:00:00Z');
  const scoresOf = (errorKw: number) => ({
    scores: {
      hours: async (_site: string, from: Date, to: Date) =>
        hourScores((at) =>
          at < began ? { version: '1.0.0', errorKw: 5 } : { version: '1.1.0', errorKw },
        ).filter(({ hour }) => hour >= from.toISOString() && hour < to.toISOString()),
    } as never,
  });

  it('have to serve for a time, and pass when their errors are no larger than before', async () => {
    const fleet = await rolloutFleet(2, scoresOf(5.4));
    const rolloutId = await fleet.start({ ...withRules(rules), stages: [{ sites: 1 }] });
    await fleet.live(stateIs(fleet, rolloutId, 'soaking'));
    expect((await fleet.rolloutOf(rolloutId)).stage.context.soakUntil).toBe('2026-01-06T06:00:00.000Z');
    fleet.passSiteTime(25 * 3_600_000);
    await fleet.live(stateIs(fleet, rolloutId, 'completed'));
    expect((await fleet.sitesOf(rolloutId))[0]?.live).toEqual({
      ...{ error: expect.closeTo(0.054, 9), before: expect.closeTo(0.05, 9), worse: false },
    });
  });

  it('stop the rollout when they are', async () => {
    const fleet = await rolloutFleet(2, scoresOf(6));
    const rolloutId = await fleet.start(withRules(rules));
    await fleet.live(stateIs(fleet, rolloutId, 'soaking'));
    fleet.passSiteTime(25 * 3_600_000);
    await fleet.live(stateIs(fleet, rolloutId, 'paused'));
    expect(await stoppedBy(fleet, rolloutId)).toMatchObject({
      breach: { measure: 'liveWorse', count: 1, of: 1 },
    });
  });

  it('count as failed when a device takes one back meanwhile', async () => {
    const fleet = await rolloutFleet(2, scoresOf(5));
    const rolloutId = await fleet.start(withRules(rules));
    await fleet.live(stateIs(fleet, rolloutId, 'soaking'));
    const [first] = await fleet.sitesOf(rolloutId);
    const desired = { deploymentId: first?.deploymentId, assignment: 2, version: '1.1.0' };
    await fleet.say(first?.systemId ?? '', desired, 'rolledback');
    await fleet.live(stateIs(fleet, rolloutId, 'paused'));
    expect(await stoppedBy(fleet, rolloutId)).toMatchObject({ breach: { measure: 'failures', count: 1 } });
  });
});

describe('what stands in a rollout’s way', () => {
  it('is the hour: sites wait for their window', async () => {
    const fleet = await rolloutFleet(2);
    // 03:00 in São Paulo.
    const rolloutId = await fleet.start(withRules({ window: { fromHour: 22, toHour: 3 } }));
    await fleet.live(async () => expect(await fleet.typesOf(rolloutId)).toContain('RolloutStarted'));
    expect(await fleet.typesOf(rolloutId)).not.toContain('SitesOffered');
    fleet.passSiteTime(20 * 3_600_000);
    await fleet.live(stateIs(fleet, rolloutId, 'completed'));
  });

  it('is the pace: so many offers an hour', async () => {
    const fleet = await rolloutFleet(5);
    const rolloutId = await fleet.start({ ...withRules({ perHour: 2 }), stages: [{ share: 1 }] });
    const active = async () =>
      (await statuses(fleet, rolloutId)).filter((status) => status === 'active').length;
    for (const count of [2, 4, 5]) {
      await fleet.live(async () => expect(await active()).toBe(count));
      fleet.passSiteTime(3_600_001);
    }
  });

  it('is a fleet that is stopped, until a person resumes both', async () => {
    const fleet = await rolloutFleet(6);
    fleet.answers(() => 'rejected');
    const thresholds = { ...RULES.thresholds, failures: 1 };
    const rolloutId = await fleet.start({
      ...withRules({ thresholds }),
      stages: [{ sites: 3 }, { share: 1 }],
    });
    await fleet.live(stateIs(fleet, rolloutId, 'paused'));
    expect(await stoppedBy(fleet, rolloutId)).toMatchObject({ cause: 'fleet-stopped' });
    await expect(fleet.control.resumeRollout(CALLER, rolloutId, 'go on')).rejects.toThrow(/fleet is stopped/);
    await fleet.control.resumeFleet(CALLER, 'a bad batch');
    fleet.answers(() => 'active');
    await fleet.control.resumeRollout(CALLER, rolloutId, 'go on');
    await fleet.live(stateIs(fleet, rolloutId, 'completed'));
  });

  it('is what people decided for a site meanwhile, and another rollout', async () => {
    const fleet = await rolloutFleet(3, { offerLifetimeMs: 48 * 3_600_000 });
    fleet.answers(() => null);
    const rolloutId = await fleet.start(withRules({ window: { fromHour: 22, toHour: 3 } }));
    await expect(fleet.start()).rejects.toThrow(/No site has a version/);
    await fleet.control.restoreModel(CALLER, { systemId: 'site-0', version: '1.1.0', replace: false });
    fleet.passSiteTime(20 * 3_600_000);
    fleet.answers((systemId) => (systemId === 'site-0' ? null : 'active'));
    await fleet.live(stateIs(fleet, rolloutId, 'completed'));
    expect((await fleet.sitesOf(rolloutId)).find(({ systemId }) => systemId === 'site-0')).toMatchObject({
      status: 'skipped',
      reason: expect.stringContaining('restores'),
    });
  });
});
