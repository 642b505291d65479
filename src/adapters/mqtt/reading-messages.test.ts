import { connectAsync } from 'mqtt';
import { pino } from 'pino';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createSite, soon, thisHour } from '../../../test/edge/site-under-test.ts';
import { startEmbeddedBroker } from '../embedded/broker/start.ts';
import { mqttReadingMessages } from './reading-messages.ts';

const logger = pino({ level: 'silent' });
const login = { username: '@cloud', password: 'broker of the site' };

it('brings readings from a broker at the site to the device, and refuses what are none', async () => {
  const nobody = { add: async () => undefined, revoke: async () => undefined, verify: async () => null };
  const broker = await startEmbeddedBroker({ credentials: nobody, cloud: login, logger });
  onTestFinished(() => broker.close());
  const site = await createSite();
  onTestFinished(() => site.close());
  const source = { url: broker.url, topic: 'plant/meter', ...login, clientId: '@cloud-device', logger };
  await site.start({ readings: mqttReadingMessages(source) });

  const meter = await connectAsync(broker.url, { ...login, clientId: '@cloud-meter', protocolVersion: 4 });
  onTestFinished(() => meter.endAsync(true));
  await vi.waitFor(() => expect(broker.counts().clients).toBe(2), soon);
  const hour = new Date(thisHour - 3_600_000).toISOString();
  await vi.waitFor(async () => {
    await meter.publishAsync('plant/meter', 'not json', { qos: 1 });
    expect(site.device.status().logged.refusals[0]).toMatchObject({ from: 'readings' });
  }, soon);
  await meter.publishAsync('plant/meter', JSON.stringify({ hour, loadKw: 77.5 }), { qos: 1 });
  await vi.waitFor(() => {
    const reported = site.broker.sent.filter(({ kind }) => kind === 'telemetry');
    expect(reported.at(-1)?.message).toMatchObject({ readings: [{ loadKw: 77.5 }] });
  }, soon);

  const quarters = [80, 90, 130, 100].map((loadKw, i) => ({
    ...{ at: new Date(thisHour - 7_200_000 + i * 900_000).toISOString(), minutes: 15, loadKw },
  }));
  for (const quarter of quarters)
    await meter.publishAsync('plant/meter', JSON.stringify(quarter), { qos: 1 });
  await vi.waitFor(
    () => expect(site.sent('telemetry').at(-1)).toMatchObject({ readings: [{ loadKw: 100, max15Kw: 130 }] }),
    soon,
  );
});
