import { describe, expect, it } from 'vitest';
import { ackOf, CALLER, cloudOnMemory, SITE } from '../../test/cloud/cloud-on-memory.ts';
import { trainingJob } from '../machines/training-job.ts';
import { loadJob } from './streams.ts';

type World = Awaited<ReturnType<typeof cloudOnMemory>>;

/** So many deployments that the device rolled back, or rejected for a reason. */
async function failures(world: World, deviceId: string, count: number, reason = 'no number', from = 1) {
  for (let n = from; n < from + count; n += 1) {
    await world.offer({ deploymentId: `dep-${n}`, deviceId, assignment: n });
    const ack = { ...ackOf(deviceId, `dep-${n}`, 'rejected', null), assignment: n, reason };
    await world.say('ack', ack);
  }
}

async function weeklyJob({ actors }: World, jobId: string) {
  const { stage } = await loadJob(actors, jobId);
  const { request } = stage.context;
  if (request === null) throw new Error('no job');
  return request;
}

const stateOfFleet = async ({ control }: World) => (await control.getFleet(CALLER)).stage.state;

describe('the blast radius', () => {
  it('is three failures of the last hundred deployments: then models wait for a person', async () => {
    const world = await cloudOnMemory();
    const deviceId = await world.site();
    await failures(world, deviceId, 2);
    await world.runUntil(async () => expect(await world.queue.ofStream('deployment-dep-2')).toHaveLength(2));
    expect(await stateOfFleet(world)).toBe('deploying');
    await failures(world, deviceId, 1, 'no number', 3);
    await world.runUntil(async () => expect(await stateOfFleet(world)).toBe('stopped'));
    const { stage } = await world.control.getFleet(CALLER);
    expect(stage.context.stop).toMatchObject({ failed: 3, settled: 3, limit: 0.02, window: 100 });
  });

  it('does not count devices that had no history', async () => {
    const world = await cloudOnMemory();
    const deviceId = await world.site();
    await failures(world, deviceId, 4, 'no-history: 12 hours');
    await world.runUntil(async () => expect(await world.queue.ofStream('deployment-dep-4')).toHaveLength(2));
    expect(await stateOfFleet(world)).toBe('deploying');
  });

  it('holds weekly jobs, lets pass what a person asked for, and lets go when a person resumes', async () => {
    const world = await cloudOnMemory();
    const deviceId = await world.site();
    await failures(world, deviceId, 3);
    await world.runUntil(async () => expect(await stateOfFleet(world)).toBe('stopped'));
    await world.evaluatedJob('job-1', '1.1.0', null, false, undefined, 'weekly');
    await world.runUntil(async () => {
      const view = await world.control.readJob('job-1');
      expect(view).toMatchObject({ held: true, stage: { state: 'evaluated' } });
    });
    expect((await weeklyJob(world, 'job-1')).trigger).toBe('weekly');
    await world.control.resumeFleet(CALLER, 'the batch was recalled');
    expect(await world.control.readJob('job-1')).toMatchObject({ held: false });
    expect(await stateOfFleet(world)).toBe('deploying');
    await world.actors.send(
      trainingJob,
      'training-job-job-1',
      { type: 'cancel', reason: 'enough' },
      { actor: 'ana', tenant: 'acme', systemId: SITE, correlationId: 'x' },
    );
    await world.evaluatedJob('job-2', '1.2.0', null, false, undefined, 'weekly');
    await world.runUntil(async () =>
      expect(await world.control.readJob('job-2')).toMatchObject({ stage: { state: 'deployed' } }),
    );
  });
});
