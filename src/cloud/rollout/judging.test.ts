import { describe, expect, it } from 'vitest';
import { CALLER } from '../../../test/cloud/cloud-on-memory.ts';
import {
  fileOf,
  offersOf,
  REQUEST,
  rolloutFleet,
  stateIs,
  statuses,
  stoppedBy,
  withRules,
} from '../../../test/cloud/rollout-fleet.ts';
import type { HourScore } from '../../ports/scores.ts';

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

describe('a model that a device takes back late', () => {
  it('counts against the stage that is then under way', async () => {
    const fleet = await rolloutFleet(4);
    const { sites } = await fleet.control.planRollout(CALLER, REQUEST);
    const [first = { systemId: '' }] = sites;
    fleet.answers((systemId) => (systemId === first.systemId ? 'active' : null));
    const rolloutId = await fleet.start({ ...REQUEST, stages: [{ sites: 1 }, { share: 1 }] });
    await fleet.live(async () =>
      expect(await statuses(fleet, rolloutId)).toEqual(['active', 'offered', 'offered', 'offered']),
    );
    const [updated] = await fleet.sitesOf(rolloutId);
    const desired = { deploymentId: updated?.deploymentId, assignment: 2, version: '1.1.0' };
    await fleet.say(first.systemId, desired, 'rolledback');
    await fleet.live(stateIs(fleet, rolloutId, 'paused'));
    expect(await stoppedBy(fleet, rolloutId)).toMatchObject({
      breach: { measure: 'failures', count: 1, of: 3 },
    });
  });
});
