import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../services/postgres.ts';

const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'privacy.md'), 'utf8');
const statements = /```sql\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';

/** Folds of the log, hashed secrets, and what is signed or told for devices: the guide says that the log remains. */
const REMAIN = ['chart_training_time', 'config_renewal', 'device_credential', 'read_model', 'trust_target'];

let database: TestDatabase;
let owner: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Pool({ connectionString: database.connectionString });
  await migrate(owner, pino({ level: 'silent' }));
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

describe('the erasure that the privacy guide shows', () => {
  it('names every table that holds what a site measured or forecast', async () => {
    const { rows } = await owner.query<{ name: string }>(
      `select table_name as name from information_schema.columns
       where table_schema = 'lifo4' and column_name = 'system_id'`,
    );
    const erased = [...statements.matchAll(/delete from lifo4\.(\w+)/g)].map(([, name]) => name);
    const held = rows.map(({ name }) => name).filter((name) => !REMAIN.includes(name));
    expect(erased.toSorted()).toEqual(held.toSorted());
  });

  it('leaves nothing of the site, and the others alone', async () => {
    await owner.query(`insert into lifo4.reading (system_id, hour, load_kw)
      values ('plant-7', '2026-01-05T00:00:00Z', 1), ('plant-8', '2026-01-05T00:00:00Z', 1)`);
    await owner.query(statements);
    const { rows } = await owner.query('select system_id from lifo4.reading');
    expect(rows).toEqual([{ system_id: 'plant-8' }]);
  });
});
