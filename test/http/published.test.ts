import specs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerSite, type ServerUnderTest, startServer } from './server-under-test.ts';
import { appendDeployed, appendModel } from './stories.ts';

let server: ServerUnderTest;

interface Listed {
  readonly items: readonly { readonly type: string; readonly url: string }[];
}

describe('what the service publishes about itself', () => {
  beforeAll(async () => {
    server = await startServer();
    await registerSite(server, 'bess-1');
    const story = { jobId: 'job-1', systemId: 'bess-1', version: '1.0.0' };
    await appendModel(server.postgres.log, story);
    await appendDeployed(server.postgres.log, story, 'dep-1');
  });
  afterAll(() => server.close());

  it('lists a JSON Schema for every type of fact, which its facts fit', async () => {
    const { items } = (await server.call('GET', '/schemas')).body as Listed;
    const checks = new Map<string, (data: unknown) => boolean>();
    for (const { type, url } of items) {
      const { body } = await server.call('GET', url);
      const ajv = new Ajv({ strict: false });
      const { $schema: _, ...schema } = body as { readonly $schema: string };
      checks.set(type, ajv.compile(schema));
    }
    expect(checks.size).toBeGreaterThan(60);
    for (const stream of ['training-job-job-1', 'deployment-dep-1', 'site-bess-1']) {
      for (const { fact } of await server.postgres.log.readStream(stream))
        expect(checks.get(fact.type)?.(fact.data), fact.type).toBe(true);
    }
    expect((await server.call('GET', '/schemas/Nothing')).status).toBe(404);
  });

  it('is an AsyncAPI 3 document by the schema that its authors publish', async () => {
    const { body } = await server.call('GET', '/asyncapi.json');
    const schema: object = specs.schemas['3.0.0'];
    const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false });
    const valid = ajv.validate(schema, body);
    expect(ajv.errors?.slice(0, 3) ?? []).toEqual([]);
    expect(valid).toBe(true);
    expect(body).toMatchObject({
      channels: {
        ack: { address: 'lifo4/{systemId}/ml/model/ack' },
        JobDeployed: { address: 'lifo4.events.training-job.{systemId}.JobDeployed' },
      },
    });
  });

  it('has the API document at an address of its own, which may be asked for by its tag', async () => {
    const read = await server.call('GET', '/openapi.json');
    expect(read.body).toMatchObject({ openapi: '3.1.0' });
    const headers = { 'if-none-match': read.headers.get('etag') ?? '' };
    expect((await server.call('GET', '/openapi.json', { headers })).status).toBe(304);
  });
});
