import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiProblem, answerOf, createApiClient } from '../../src/client/client.ts';
import { clientTypes } from '../../src/main/client-types.ts';
import { registerSite, type ServerUnderTest, startServer } from './server-under-test.ts';

let server: ServerUnderTest;
let token: string;
const client = () => createApiClient({ url: server.url, token: () => token });

describe('the typed client', () => {
  beforeAll(async () => {
    server = await startServer();
    token = await server.token();
    await registerSite(server, 'bess-1', { tariff: 'azul' });
  });
  afterAll(() => server.close());

  it('has the types of the API as it is: otherwise `npm run client`', async () => {
    const file = join(import.meta.dirname, '..', '..', 'src', 'client', 'api.ts');
    expect(await readFile(file, 'utf8')).toBe(await clientTypes());
  });

  it('calls the service', async () => {
    const params = { path: { systemId: 'bess-1' } };
    const site = await answerOf(client().GET('/api/v1/systems/{systemId}', { params }));
    expect(site.settings.tariff).toBe('azul');
    const body = { systemId: 'bess-1' };
    const { status } = await answerOf(client().POST('/api/v1/ml/retrain', { body }));
    expect(status).toBe('pending');
  });

  it('rejects with the problem that the service answers', async () => {
    const params = { path: { systemId: 'nowhere' } };
    const refused = answerOf(client().GET('/api/v1/systems/{systemId}', { params }));
    await expect(refused).rejects.toThrow(ApiProblem);
    await expect(refused).rejects.toMatchObject({ status: 404, code: 'site-not-found' });
  });
});
