import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parseAddress } from '../../src/adapters/nats/login.ts';
import { openPostgres, type Postgres } from '../../src/adapters/postgres/open.ts';
import { append, commitOf, newStream, noted, testRules } from '../contracts/fixtures.ts';
import { findNatsServer, type NatsService, startNats } from '../services/nats.ts';
import { createTestDatabase, type TestDatabase } from '../services/postgres.ts';

const binary = await findNatsServer();
const COMMITS = 30;
const PER_COMMIT = 10;
const FACTS = COMMITS * PER_COMMIT;
const soon = { timeout: 30_000, interval: 50 } as const;

describe.skipIf(binary === null)('events on NATS', () => {
  let nats: NatsService;
  let database: TestDatabase;
  let postgres: Postgres;

  beforeAll(async () => {
    [nats, database] = await Promise.all([startNats(binary ?? ''), createTestDatabase()]);
    const { connectionString } = database;
    postgres = await openPostgres({ connectionString, logger: pino({ level: 'silent' }), rules: testRules });
  });
  afterAll(async () => {
    await postgres.close();
    await Promise.all([nats.close(), database.drop()]);
  });

  function startRelay(halt = ''): ChildProcess {
    const entry = new URL('./relay-process.ts', import.meta.url);
    const child = fork(entry, [database.connectionString, nats.url, halt]);
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  }

  /** Killed at the very place: its page may lie on the server, and its checkpoint is where it was. */
  async function killAt(place: 'begun' | 'published'): Promise<void> {
    const child = startRelay(place);
    for (let at: unknown; at !== place; ) [at] = await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async function reader(): Promise<NatsConnection> {
    const { servers, login } = parseAddress(nats.url);
    const connection = await connect({ servers: [...servers], user: login.user, pass: login.password });
    onTestFinished(() => connection.close());
    return connection;
  }

  async function write(): Promise<void> {
    const facts = () => Array.from({ length: PER_COMMIT }, (_, n) => noted(`fact ${n}`));
    for (let n = 0; n < COMMITS; n += 1) await postgres.log.commit(commitOf(append(newStream(), 0, facts())));
  }

  const kept = async (connection: NatsConnection): Promise<number> =>
    (await (await jetstreamManager(connection)).streams.info('lifo4-events')).state.messages;

  it('are neither lost nor doubled when relays are killed and the server restarts', {
    timeout: 90_000,
  }, async () => {
    const writing = write();
    await killAt('begun');
    await killAt('published');
    await writing;
    await killAt('published');
    startRelay();
    const connection = await reader();
    await expect.poll(() => kept(connection), soon).toBe(FACTS);
    await nats.stop();
    await write();
    await nats.start();
    await expect.poll(() => kept(connection).catch(() => 0), soon).toBe(2 * FACTS);

    const ids: string[] = [];
    const consumer = await jetstream(connection).consumers.get('lifo4-events', {});
    for await (const message of await consumer.fetch({ max_messages: 2 * FACTS, expires: 10_000 }))
      ids.push(message.json<{ id: string }>().id);
    const feed = await postgres.log.readFeed(0, 2 * FACTS + 1);
    expect(ids).toEqual(feed.map(({ eventId }) => eventId));
  });
});
