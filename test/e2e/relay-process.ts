/**
 * A process that publishes the log's facts on NATS as a cloud node does, until it is killed: `node relay-process.ts
 * DATABASE NATS [HALT]`. It tells its parent where it is with each page, and stays where HALT says.
 */
import pino from 'pino';
import { openNatsEventPublisher } from '../../src/adapters/nats/event-publisher.ts';
import { openPostgres } from '../../src/adapters/postgres/open.ts';
import { testRules } from '../contracts/fixtures.ts';

const [connectionString = '', url = '', halt = ''] = process.argv.slice(2);
const logger = pino({ level: 'silent' });
process.once('disconnect', () => process.exit());

async function reach(place: 'begun' | 'published'): Promise<void> {
  process.send?.(place);
  if (place === halt) await new Promise(() => undefined);
}

const postgres = await openPostgres({ connectionString, logger, rules: testRules, pollMs: 50 });
const publisher = await openNatsEventPublisher({
  ...{ url, node: 'test', logger, reconnectMs: 50 },
  ...{ source: 'https://cloud.example', prefix: 'lifo4', present: ({ fact }) => fact.data },
});
postgres.relay({
  name: 'nats-events',
  logger,
  deliver: async (facts) => {
    await reach('begun');
    await publisher.publish(facts);
    await reach('published');
  },
});
