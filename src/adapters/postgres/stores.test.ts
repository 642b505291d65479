import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deviceCredentialsContract } from '../../../test/contracts/device-credentials.ts';
import { testRules, until } from '../../../test/contracts/fixtures.ts';
import { notesProjection, readModelsContract } from '../../../test/contracts/read-models.ts';
import { forecastContract, telemetryContract } from '../../../test/contracts/telemetry.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/services/postgres.ts';
import { openPostgres, type Postgres } from './open.ts';

let database: TestDatabase;
let node: Postgres;
const open = () =>
  openPostgres({
    connectionString: database.connectionString,
    logger: pino({ level: 'error' }),
    rules: testRules,
    projections: [notesProjection],
  });
beforeAll(async () => {
  database = await createTestDatabase();
  node = await open();
});
afterAll(async () => {
  await node.close();
  await database.drop();
});

describe('read models on Postgres', () =>
  readModelsContract(async () => {
    await node.pool.query('delete from lifo4.read_model');
    return { ...node, rebuild: (name) => node.projections.rebuild(name) };
  }));
describe('telemetry on Postgres', () => telemetryContract(async () => node.telemetry));
describe('forecasts on Postgres', () => forecastContract(async () => node.forecasts));
describe('device credentials on Postgres', () => deviceCredentialsContract(async () => node.credentials));

test('a revocation on one node ends what another node has in its cache', async () => {
  const other = await open();
  const identity = { deviceId: `device-${randomUUID()}`, systemId: 'site-1', tenant: 'tenant-a' };
  await node.credentials.add(identity, 'secret');
  expect(await other.credentials.verify(identity.deviceId, 'secret')).toEqual(identity);
  await node.credentials.revoke(identity.deviceId);
  await until(async () => (await other.credentials.verify(identity.deviceId, 'secret')) === null);
  await other.close();
});
