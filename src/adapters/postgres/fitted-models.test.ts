import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/services/postgres.ts';
import { openPostgres, type Postgres } from './open.ts';

let database: TestDatabase;
let node: Postgres;
beforeAll(async () => {
  database = await createTestDatabase();
  node = await openPostgres({
    connectionString: database.connectionString,
    logger: pino({ level: 'error' }),
  });
});
afterAll(async () => {
  await node.close();
  await database.drop();
});

it('keeps the first outcome of a fit, and forgets it when it is old and removed', async () => {
  const { fitted, pool } = node;
  await fitted.record('a', { checksum: 'sha256:1' });
  await fitted.record('a', { reason: 'late' });
  await fitted.record('b', { reason: 'out of\0 memory' });
  expect(await fitted.find(['a', 'b', 'c'])).toEqual(
    new Map<string, unknown>([
      ['a', { checksum: 'sha256:1' }],
      ['b', { reason: 'out of memory' }],
    ]),
  );
  const removed: string[] = [];
  const remove = async (checksum: string) => void removed.push(checksum);
  await fitted.forget(3_600_000, remove);
  expect(removed).toEqual([]);
  await pool.query("update lifo4.fitted_model set recorded_at = now() - interval '2 hours'");
  await expect(fitted.forget(3_600_000, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  await fitted.forget(3_600_000, remove);
  expect(removed).toEqual(['sha256:1']);
  expect(await fitted.find(['a', 'b'])).toEqual(new Map());
});
