import { beforeEach, describe, expect, it } from 'vitest';
import { ackOf, CALLER, type CloudOnMemory, cloudOnMemory, SITE } from '../../test/cloud/cloud-on-memory.ts';
import { deployment } from '../machines/deployment.ts';

let world: CloudOnMemory;
let deviceId: string;
const desired = () => world.retained.get(`desired/${SITE}`);

beforeEach(async () => {
  world = await cloudOnMemory();
  deviceId = await world.site();
});

/** A deployment that runs on the site's device. */
async function runs(deploymentId: string, assignment: number, previousDeploymentId: string | null = null) {
  await world.offer({
    deploymentId,
    deviceId,
    assignment,
    previousDeploymentId: previousDeploymentId as null,
  });
  await world.say('ack', ackOf(deviceId, deploymentId, 'active'));
}

describe('what a site’s device should run', () => {
  it('is nothing any more once the site is decommissioned, whatever was on offer', async () => {
    await world.offer({ deviceId });
    await world.runUntil(() => expect(desired()).toMatchObject({ deploymentId: 'dep-1' }));
    await world.control.decommissionSite(CALLER, SITE, 'sold');
    await world.runUntil(() => expect(desired()).toBeUndefined());
    world.connect();
    await world.offer({ deploymentId: 'dep-late', deviceId, assignment: 2 });
    await world.runUntil(async () => {
      const waiting = await world.queue.ofStream('deployment-dep-late');
      expect(waiting.map(({ type }) => type)).not.toContain('publish-desired');
    });
    expect(desired()).toBeUndefined();
  });

  it('is not the model of the device before, when the new one rejects it', async () => {
    await runs('dep-1', 1);
    const second = (await world.control.addDevice(CALLER, SITE)).deviceId;
    await world.runUntil(() => expect(desired()).toMatchObject({ deviceId: second, version: '1.0.0' }));
    const offered = String(desired()?.['deploymentId']);
    await world.say('ack', ackOf(second, offered, 'rejected', null));
    await world.runUntil(() => expect(desired()).toBeUndefined());
  });

  it('is offered again to the device that took over while the offer was made', async () => {
    const second = (await world.control.addDevice(CALLER, SITE)).deviceId;
    await world.runUntil(async () => expect(await world.queue.ofStream(`site-${SITE}`)).toHaveLength(1));
    await world.offer({ deviceId });
    await world.runUntil(() => expect(desired()).toMatchObject({ deviceId: second, assignment: 2 }));
    expect(await world.stateOf('dep-1')).toBe('superseded');
  });

  it('is published when the broker is back, however long it was away', async () => {
    world.broker.isUp = false;
    await world.offer({ deviceId });
    await world.runUntil(async () => {
      const waiting = await world.queue.ofStream('deployment-dep-1');
      expect(waiting.find(({ type }) => type === 'publish-desired')).toMatchObject({
        state: 'waiting',
        attempts: 0,
      });
    });
  });
});

describe('what runs after a rollback', () => {
  it('is the nearest model that never failed', async () => {
    await runs('dep-1', 1);
    await runs('dep-2', 2, 'dep-1');
    await world.offer({ deploymentId: 'dep-3', deviceId, assignment: 3, previousDeploymentId: 'dep-2' });
    await world.say('ack', ackOf(deviceId, 'dep-2', 'rolledback'));
    expect(await world.running()).toBe('dep-1');
    await world.say('ack', ackOf(deviceId, 'dep-3', 'rolledback'));
    expect(await world.running()).toBe('dep-1');
  });

  it('is what came into service late, while the failed one was on offer', async () => {
    await runs('dep-1', 1);
    await world.offer({ deploymentId: 'dep-2', deviceId, assignment: 2, previousDeploymentId: 'dep-1' });
    const { actors } = world;
    const origin = { actor: 'test', tenant: 'acme', systemId: SITE, correlationId: 'test' };
    await actors.send(deployment, 'deployment-dep-2', { type: 'expire' }, origin);
    await world.offer({ deploymentId: 'dep-3', deviceId, assignment: 3, previousDeploymentId: 'dep-1' });
    await world.say('ack', ackOf(deviceId, 'dep-2', 'active'));
    await world.say('ack', ackOf(deviceId, 'dep-3', 'rolledback'));
    expect(await world.running()).toBe('dep-2');
  });

  it('is nothing when the device says that nothing serves', async () => {
    await runs('dep-1', 1);
    await runs('dep-2', 2, 'dep-1');
    await world.say('ack', ackOf(deviceId, 'dep-2', 'rolledback', null));
    expect(await world.running()).toBeNull();
  });
});
