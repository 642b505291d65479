import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findNatsServer, type NatsService, startNats } from '../../../test/services/nats.ts';
import type { SequencedFact } from '../../events/envelope.ts';
import { openNatsEventPublisher } from './event-publisher.ts';
import { parseAddress } from './login.ts';

const logger = pino({ level: 'silent' });
const binary = await findNatsServer();

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const factOf = (n: number, data: unknown = { deviceId: `dev-${n}` }): SequencedFact => ({
  seq: n,
  streamId: 'site-bess-1',
  version: n,
  eventId: `event-${n}`,
  fact: { type: 'DeviceAssigned', data },
  metadata: {
    actor: 'person-1',
    tenant: 'acme',
    systemId: 'bess-1',
    correlationId: 'request-1',
    trace: TRACE,
    machine: 'site@1',
    schema: 1,
    at: '2026-10-15T12:00:00Z',
  },
  recordedAt: '2026-10-15T12:00:01.000Z',
});

describe.skipIf(binary === null)('events on NATS', () => {
  async function start() {
    const nats = await startNats(binary ?? '');
    onTestFinished(() => nats.close());
    const publisher = await openNatsEventPublisher({
      ...{ url: nats.url, node: 'test', logger, reconnectMs: 50 },
      ...{ source: 'https://cloud.example', prefix: 'lifo4' },
      present: ({ fact }) => ({ shown: fact.data }),
    });
    onTestFinished(() => publisher.close());
    return { nats, publisher };
  }

  async function reader({ url }: NatsService): Promise<NatsConnection> {
    const { servers, login } = parseAddress(url);
    const connection = await connect({ servers: [...servers], user: login.user, pass: login.password });
    onTestFinished(() => connection.close());
    return connection;
  }

  const kept = async (connection: NatsConnection) =>
    (await (await jetstreamManager(connection)).streams.info('lifo4-events')).state.messages;

  it('are CloudEvents on a subject by stream type, site and type', async () => {
    const { nats, publisher } = await start();
    const connection = await reader(nats);
    await publisher.publish([factOf(7)]);
    const consumer = await jetstream(connection).consumers.get('lifo4-events', {
      filter_subjects: 'lifo4.events.site.bess-1.>',
    });
    const message = await consumer.next({ expires: 5_000 });
    expect(message?.subject).toBe('lifo4.events.site.bess-1.DeviceAssigned');
    expect(message?.headers?.get('Content-Type')).toMatch(/^application\/cloudevents\+json/);
    expect(message?.json()).toEqual({
      specversion: '1.0',
      id: 'event-7',
      source: 'https://cloud.example',
      type: 'lifo4.DeviceAssigned',
      subject: 'site-bess-1',
      time: '2026-10-15T12:00:01.000Z',
      datacontenttype: 'application/json',
      data: { shown: { deviceId: 'dev-7' } },
      sequence: '0000000000000007',
      partitionkey: 'site-bess-1',
      streamversion: 7,
      tenant: 'acme',
      system: 'bess-1',
      actor: 'person-1',
      correlationid: 'request-1',
      traceparent: TRACE,
      sitetime: '2026-10-15T12:00:00Z',
    });
  });

  it('that are published again are kept once, in order', async () => {
    const { nats, publisher } = await start();
    const facts = Array.from({ length: 50 }, (_, i) => factOf(i + 1));
    await publisher.publish(facts.slice(0, 30));
    await publisher.publish(facts);
    const connection = await reader(nats);
    expect(await kept(connection)).toBe(50);
    const consumer = await jetstream(connection).consumers.get('lifo4-events', {});
    const ids: string[] = [];
    for await (const message of await consumer.fetch({ max_messages: 50, expires: 5_000 }))
      ids.push(message.json<{ id: string }>().id);
    expect(ids).toEqual(facts.map(({ eventId }) => eventId));
  });

  it('go on after the server came back without its store', async () => {
    const { nats, publisher } = await start();
    await publisher.publish([factOf(1)]);
    await nats.stop();
    await expect(publisher.publish([factOf(2)])).rejects.toThrow();
    await nats.clearStore();
    await nats.start();
    const again = () =>
      publisher.publish([factOf(2)]).then(
        () => true,
        () => false,
      );
    await expect.poll(again, { timeout: 20_000, interval: 100 }).toBe(true);
    expect(await kept(await reader(nats))).toBe(1);
  });

  it('that are too large go out without their data', async () => {
    const { nats, publisher } = await start();
    await publisher.publish([factOf(1, { text: 'x'.repeat(2 * 1024 ** 2) })]);
    const consumer = await jetstream(await reader(nats)).consumers.get('lifo4-events', {});
    const event = (await consumer.next({ expires: 5_000 }))?.json<{ id: string; data?: unknown }>();
    expect(event).toMatchObject({ id: 'event-1' });
    expect(event).not.toHaveProperty('data');
  });

  it('do not collide with what devices say, even of a site called events', async () => {
    const { nats, publisher } = await start();
    await publisher.publish([factOf(1)]);
    const manager = await jetstreamManager(await reader(nats));
    const subjects = ['lifo4.*.ml.model.ack', 'lifo4.*.telemetry'];
    await expect(manager.streams.add({ name: 'uplink', subjects })).resolves.toBeDefined();
  });
});
