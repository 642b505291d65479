import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { siteWithNewerVersion } from '../../../test/http/newer-version.ts';
import {
  type Call,
  eventually,
  registerSite,
  type ServerUnderTest,
  startServer,
} from '../../../test/http/server-under-test.ts';

let server: ServerUnderTest;
let token: string;

const ROLLOUTS = '/api/v1/rollouts';
const call = (method: string, path: string, wish: Call = {}) => server.call(method, path, { token, ...wish });
const start = (json: object, key?: string) =>
  call('POST', ROLLOUTS, { json, ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }) });

describe('rollouts over HTTP', () => {
  beforeAll(async () => {
    server = await startServer();
    token = await server.token();
    for (const site of ['bess-1', 'bess-2', 'bess-3']) await siteWithNewerVersion(server, site);
    await registerSite(server, 'bess-4', {});
  });
  afterAll(() => server.close());

  it('are planned without anything being begun', async () => {
    const plan = await eventually(
      () => start({ dryRun: true }),
      ({ text }) => text.includes('"upTo":3') && text.includes('bess-4'),
    );
    expect(plan.status).toBe(200);
    expect(plan.body).toMatchObject({
      rules: {
        ...{ shadowDays: 7, soakHours: 24, onBreach: 'pause', window: null },
        thresholds: { failuresPct: 5, errorIncreasePct: 10 },
        stages: [
          { name: '1 site', upTo: 1 },
          { name: 'all', upTo: 3 },
        ],
      },
      left: [{ systemId: 'bess-4', reason: 'it has no device' }],
    });
    const { sites } = plan.body as { readonly sites: readonly { readonly version: string }[] };
    expect(sites.map(({ version }) => version)).toEqual(['1.1.0', '1.1.0', '1.1.0']);
    expect((await call('GET', ROLLOUTS)).body).toEqual({ items: [], nextCursor: null });
  });

  it('begin once for a key, are listed, paused, resumed and aborted, and name each site', async () => {
    const wish = {
      sites: [{ systemId: 'bess-2' }, { systemId: 'bess-1', version: '1.1.0' }],
      note: 'a recipe',
    };
    const begun = await start(wish, 'monday');
    expect(begun.status).toBe(202);
    const { rolloutId } = begun.body as { readonly rolloutId: string };
    expect(begun.body).toMatchObject({ status: 'rolling', stage: 'shadow', sites: 2, createdBy: 'person-1' });
    const again = await start(wish, 'monday');
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
    expect(again.body).toMatchObject({ rolloutId });
    const own = `${ROLLOUTS}/${rolloutId}`;
    expect((await call('GET', `${own}/sites?limit=1`)).body).toMatchObject({
      items: [{ systemId: 'bess-2', version: '1.1.0', running: '1.0.0', status: 'waiting', stage: null }],
      nextCursor: '1',
    });
    expect((await call('GET', `${own}/sites?limit=1&cursor=1`)).body).toMatchObject({
      items: [{ systemId: 'bess-1' }],
      nextCursor: null,
    });
    expect((await call('GET', `${own}/sites?cursor=x`)).status).toBe(400);
    const move = (what: string, json: object = { reason: 'a test' }) =>
      call('POST', `${own}/${what}`, { json });
    expect((await move('pause')).body).toMatchObject({ status: 'paused', cause: 'person', reason: 'a test' });
    expect((await move('pause')).status).toBe(409);
    expect((await move('resume')).body).toMatchObject({ status: 'rolling', cause: null });
    expect((await move('resume', {})).status).toBe(400);
    expect((await move('abort')).body).toMatchObject({ status: 'reverting' });
    await eventually(
      () => call('GET', `${ROLLOUTS}?status=reverting`),
      ({ text }) => text.includes(rolloutId),
    );
    const machine = await call('GET', `/api/v1/machines/rollout/drawing?stream=rollout-${rolloutId}`);
    expect(machine.status).toBe(200);
  });

  it('leave alone sites of another rollout, and begin nothing where there is nothing to do', async () => {
    const plan = await start({ dryRun: true, sites: [{ systemId: 'bess-1' }] });
    expect(plan.body).toMatchObject({
      sites: [],
      left: [{ reason: expect.stringContaining('takes part in rollout') }],
    });
    const nothing = await start({ sites: [{ systemId: 'bess-1' }] });
    expect([nothing.status, nothing.body]).toMatchObject([422, { code: 'nothing-to-roll-out' }]);
    const unknown = await start({ sites: [{ systemId: 'bess-3', version: '9.9.9' }], dryRun: true });
    expect(unknown.body).toMatchObject({ left: [{ reason: expect.stringContaining('no version 9.9.9') }] });
  });

  it('are whole tenants’ affairs', async () => {
    const foreign = await server.token({ tenant: 'other' });
    expect((await call('GET', ROLLOUTS, { token: foreign })).body).toMatchObject({ items: [] });
    expect((await call('GET', `${ROLLOUTS}/unknown`)).body).toMatchObject({ code: 'rollout-not-found' });
    const narrowed = await server.token({ systems: ['bess-3'] });
    expect((await call('POST', ROLLOUTS, { token: narrowed, json: {} })).body).toMatchObject({
      code: 'token-narrowed',
    });
    expect((await call('GET', ROLLOUTS, { token: narrowed })).body).toMatchObject({ items: [] });
    const reader = await server.token({ scopes: ['ml:read'] });
    expect((await call('POST', ROLLOUTS, { token: reader, json: {} })).status).toBe(403);
  });

  it.each([
    ['a stage of both kinds', { stages: [{ sites: 1, sharePct: 10 }] }, 422, 'unclear-stage'],
    ['a window without an hour', { window: { fromHour: 3, toHour: 3 } }, 422, 'empty-window'],
    ['a site twice', { sites: [{ systemId: 'bess-3' }, { systemId: 'bess-3' }] }, 422, 'site-twice'],
    ['an unknown site', { sites: [{ systemId: 'nowhere' }] }, 404, 'site-not-found'],
    ['a threshold above a hundred', { thresholds: { failuresPct: 101 } }, 400, 'invalid-request'],
    ['no stage', { stages: [] }, 400, 'invalid-request'],
  ])('refuse %s', async (_, json, status, code) => {
    const refused = await start(json);
    expect([refused.status, refused.body]).toMatchObject([status, { code }]);
  });
});
