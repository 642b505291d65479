import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { registerSite, type ServerUnderTest, startServer } from '../../../test/http/server-under-test.ts';

let server: ServerUnderTest;
let token: string;
beforeAll(async () => {
  server = await startServer();
  token = await server.token();
  for (const systemId of ['bess-1', 'bess-2', 'bess-3']) await registerSite(server, systemId);
  const { rows } = await server.postgres.pool.query<{ facts: number }>(
    'select count(*)::int as facts from lifo4.event',
  );
  await vi.waitFor(async () => expect(await server.postgres.log.headSeq()).toBe(rows[0]?.facts), 10_000);
}, 60_000);
afterAll(() => server.close());

interface Page {
  readonly items: readonly { readonly seq: number; readonly metadata: { readonly systemId: string } }[];
  readonly nextCursor: string;
  readonly atEnd: boolean;
}

const read = async (query: string, bearer = token): Promise<Page> => {
  const { status, body } = await server.call('GET', `/api/v1/events?${query}`, { token: bearer });
  expect(status, JSON.stringify(body)).toBe(200);
  return body as unknown as Page;
};

it('gives the log page by page, each fact once and in order, and what comes later after its end', async () => {
  const seen: number[] = [];
  let page = await read('limit=2');
  while (!page.atEnd) {
    seen.push(...page.items.map(({ seq }) => seq));
    page = await read(`limit=2&cursor=${page.nextCursor}`);
  }
  seen.push(...page.items.map(({ seq }) => seq));
  const whole = await read('limit=1000');
  expect(seen).toEqual(whole.items.map(({ seq }) => seq));
  expect(seen.length).toBeGreaterThan(2);
  await registerSite(server, 'bess-4');
  const later = async () => {
    const { items } = await read(`cursor=${page.nextCursor}`);
    return new Set(items.map(({ metadata }) => metadata.systemId));
  };
  await expect.poll(later, { timeout: 10_000 }).toContain('bess-4');
});

it('gives what is asked for, and to nobody what is another’s', async () => {
  const one = await read('systemId=bess-2&types=SiteRegistered');
  expect(one.items.map(({ metadata }) => metadata.systemId)).toEqual(['bess-2']);
  const stream = await read('stream=site-bess-1');
  expect(new Set(stream.items.map(({ metadata }) => metadata.systemId))).toEqual(new Set(['bess-1']));
  const other = await server.token({ tenant: 'another' });
  expect((await read('', other)).items).toEqual([]);
  expect((await server.call('GET', '/api/v1/events?cursor=x', { token })).status).toBe(400);
});
