import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApiDocument } from './documented.ts';
import { fuzz } from './fuzz.ts';
import { registerSite, type ServerUnderTest, startServer } from './server-under-test.ts';
import { appendDeployed, appendModel } from './stories.ts';

/** `npm run fuzz:api` makes many more. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 300);
const TIMEOUT_MS = 30_000 + RUNS * 100;

let server: ServerUnderTest;

beforeAll(async () => {
  server = await startServer();
  for (const id of ['bess-1', 'bess-2']) await registerSite(server, id);
  const story = { jobId: 'job-1', systemId: 'bess-1', version: '1.0.0' };
  await appendModel(server.postgres.log, story);
  await appendDeployed(server.postgres.log, story, 'dep-1');
});
afterAll(() => server.close());

it(
  'answers whatever the document allows, or just does not, as documented and never with 500',
  async () => {
    const document = (await server.call('GET', '/docs/json')).body as ApiDocument;
    await expect(fuzz(server, document, RUNS)).resolves.toBeUndefined();
  },
  TIMEOUT_MS,
);
