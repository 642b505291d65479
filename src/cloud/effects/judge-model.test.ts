import { beforeEach, describe, expect, it } from 'vitest';
import { ackOf, CALLER, type CloudOnMemory, cloudOnMemory } from '../../../test/cloud/cloud-on-memory.ts';

let world: CloudOnMemory;
let deviceId: string;

beforeEach(async () => {
  world = await cloudOnMemory();
  deviceId = await world.site();
  await world.offer({ deviceId });
  await world.say('ack', ackOf(deviceId, 'dep-1', 'active'));
});

const ends = (jobId: string, state: string) =>
  world.runUntil(async () => expect((await world.job(jobId)).stage.state).toBe(state));
const lastFact = async (jobId: string) => (await world.job(jobId)).facts.at(-1)?.fact.data;

describe('the gate', () => {
  it('keeps a model whose champion left service while it was trained', async () => {
    await world.evaluatedJob('job-2', '1.1.0', 'dep-0');
    await ends('job-2', 'kept');
    expect(await lastFact('job-2')).toMatchObject({ reason: 'champion-changed' });
  });

  it('keeps what a rollout is to send, however good it is', async () => {
    await world.evaluatedJob('job-2', '1.1.0', 'dep-1', true, undefined, 'manual', true);
    await ends('job-2', 'kept');
    expect(await lastFact('job-2')).toMatchObject({ reason: 'held-for-rollout' });
  });

  it('deploys by force, whoever is champion now', async () => {
    await world.evaluatedJob('job-2', '1.1.0', 'dep-0', true);
    await ends('job-2', 'deployed');
  });

  it('keeps a model of a site without a trusted device', async () => {
    await world.control.revokeDevice(CALLER, deviceId, 'stolen');
    await world.evaluatedJob('job-2', '1.1.0', null);
    await ends('job-2', 'kept');
    expect(await lastFact('job-2')).toMatchObject({ reason: 'no-device' });
  });

  it('compares with nothing where the new device runs nothing, and deploys', async () => {
    const second = (await world.control.addDevice(CALLER, 'bess-456')).deviceId;
    await world.runUntil(() =>
      expect(world.retained.get('desired/bess-456')).toMatchObject({ deviceId: second }),
    );
    const equipment = String(world.retained.get('desired/bess-456')?.['deploymentId']);
    await world.say('ack', ackOf(second, equipment, 'rejected', null));
    await world.evaluatedJob('job-2', '1.1.0', null);
    await ends('job-2', 'deployed');
  });
});
