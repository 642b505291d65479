import pino from 'pino';
import { afterAll, beforeAll, describe } from 'vitest';
import { effectQueueContract } from '../../../test/contracts/effect-queue.ts';
import { eventLogContract } from '../../../test/contracts/event-log.ts';
import { testRules } from '../../../test/contracts/fixtures.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/services/postgres.ts';
import { openPostgres, type Postgres } from './open.ts';

describe('on Postgres', () => {
  let database: TestDatabase;
  let node: Postgres;
  beforeAll(async () => {
    database = await createTestDatabase();
    const logger = pino({ level: 'error' });
    node = await openPostgres({ connectionString: database.connectionString, logger, rules: testRules });
  });
  afterAll(async () => {
    await node.close();
    await database.drop();
  });

  describe('event log', () => eventLogContract(async () => node));
  describe('effect queue', () =>
    effectQueueContract(async () => {
      await node.pool.query('truncate lifo4.effect');
      return node;
    }));
});
