import pino from 'pino';
import { expect, it, vi } from 'vitest';
import { CALLER, cloudOnMemory } from '../../test/cloud/cloud-on-memory.ts';
import { sampleSettings } from '../../test/sample-facts.ts';
import { republishOnConnect } from './republish.ts';

const SITES = Array.from({ length: 250 }, (_, i) => `site-${String(i).padStart(3, '0')}`);

it('publishes every site again after a connection, whatever one of them suffers from', async () => {
  const world = await cloudOnMemory();
  for (const systemId of SITES) {
    await world.control.putSite(CALLER, systemId, sampleSettings);
    await world.control.addDevice(CALLER, systemId);
  }
  world.broker.refuses.add('site-003');
  const stop = republishOnConnect(world.cloud, pino({ level: 'silent' }));
  const others = SITES.filter((systemId) => systemId !== 'site-003').map((systemId) => `config/${systemId}`);
  await vi.waitFor(() => expect([...world.retained.keys()].sort()).toEqual(others), { timeout: 10_000 });
  await stop();
});
