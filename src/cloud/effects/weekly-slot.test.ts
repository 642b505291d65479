import { describe, expect, it } from 'vitest';
import { CALLER, type CloudOnMemory, cloudOnMemory, SITE } from '../../../test/cloud/cloud-on-memory.ts';
import { streamId } from '../../events/stream-id.ts';
import { fleet } from '../../machines/fleet.ts';

const WEEK_MS = 7 * 86_400_000;
const HOUR_MS = 3_600_000;

/** Runs what is due until the site's next slot is planned, and answers that slot. */
async function planned({ control, runUntil }: CloudOnMemory, other: string | null = null): Promise<string> {
  let slot: string | null = null;
  await runUntil(async () => {
    slot = (await control.getSite(CALLER, SITE)).nextRetrain;
    expect(slot).not.toBeNull();
    expect(slot).not.toBe(other);
  });
  return slot ?? '';
}

const jobs = async ({ log }: CloudOnMemory) =>
  (await log.readFeed(0, 1_000)).filter(({ fact }) => fact.type === 'JobRequested').length;

describe('a weekly slot that starts no job', () => {
  it('says that it found one that a stopped fleet holds, and the next one runs', async () => {
    const world = await cloudOnMemory();
    await world.site();
    const first = await planned(world);
    const stop = {
      tenant: 'acme',
      failed: 3,
      settled: 9,
      window: 100,
      limit: 0.02,
      deploymentIds: ['dep-1'],
    };
    const origin = { actor: 'test', tenant: 'acme', systemId: null, correlationId: 'x' };
    await world.actors.send(fleet, streamId('fleet', 'acme'), { type: 'stop', stop }, origin);
    await world.evaluatedJob('job-held', '1.1.0', null, false, undefined, 'weekly');
    world.passSiteTime(WEEK_MS + HOUR_MS);
    const second = await planned(world, first);
    expect((await world.control.getSite(CALLER, SITE)).lastSkipped).toEqual({
      slot: first,
      reason: 'job job-held is held: the fleet is stopped until a person resumes it',
    });
    expect(await jobs(world)).toBe(1);
    await world.control.cancelJob(CALLER, 'job-held', 'enough');
    world.passSiteTime(WEEK_MS);
    await planned(world, second);
    expect(await jobs(world)).toBe(2);
    // What was passed over stays to be seen.
    expect((await world.control.getSite(CALLER, SITE)).lastSkipped).toMatchObject({ slot: first });
  });

  it('says which job was still under way', async () => {
    const world = await cloudOnMemory();
    await world.site();
    const first = await planned(world);
    const asked = { systemId: SITE, modelType: 'ensemble', members: 'all' } as const;
    const { jobId } = await world.control.requestRetrain(CALLER, {
      ...{ ...asked, trainingWindowDays: 90, forceRedeploy: false },
    });
    world.passSiteTime(WEEK_MS + HOUR_MS);
    await planned(world, first);
    expect((await world.control.getSite(CALLER, SITE)).lastSkipped).toEqual({
      slot: first,
      reason: `job ${jobId} was not finished (pending)`,
    });
  });

  it('passes while the site is paused, and runs once a person resumes it', async () => {
    const world = await cloudOnMemory();
    await world.site();
    const first = await planned(world);
    await world.control.pauseRetrains(CALLER, SITE, 'the plant is rebuilt');
    world.passSiteTime(WEEK_MS + HOUR_MS);
    const second = await planned(world, first);
    expect((await world.control.getSite(CALLER, SITE)).lastSkipped).toEqual({
      slot: first,
      reason: 'paused: the plant is rebuilt',
    });
    expect(await jobs(world)).toBe(0);
    await world.control.resumeRetrains(CALLER, SITE);
    world.passSiteTime(WEEK_MS);
    await planned(world, second);
    expect(await jobs(world)).toBe(1);
  });
});
