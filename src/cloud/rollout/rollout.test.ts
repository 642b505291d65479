import { describe, expect, it } from 'vitest';
import { CALLER } from '../../../test/cloud/cloud-on-memory.ts';
import {
  offersOf,
  REQUEST,
  RULES,
  rolloutFleet,
  stateIs,
  statuses,
  stoppedBy,
  withRules,
} from '../../../test/cloud/rollout-fleet.ts';

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
