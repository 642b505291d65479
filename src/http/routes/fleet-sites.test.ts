import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  eventually,
  registerSite,
  type ServerUnderTest,
  startServer,
} from '../../../test/http/server-under-test.ts';
import { appendDeployed, appendModel } from '../../../test/http/stories.ts';
import type { FleetPage } from '../../client/client.ts';

let server: ServerUnderTest;
let token: string;
const HOUR_MS = 3_600_000;

async function fleet(query = ''): Promise<FleetPage> {
  const answer = await server.call('GET', `/api/v1/fleet/sites?${query}`, { token });
  expect(answer.status, answer.text).toBe(200);
  return answer.body as FleetPage;
}
const namesOf = async (query: string) => (await fleet(query)).items.map(({ systemId }) => systemId);

async function forecast(systemId: string, hoursAgo: number): Promise<void> {
  await server.postgres.forecasts.save({
    ...{ systemId, version: '1.0.0', modelType: 'ensemble', deviceId: 'dev' },
    issuedAt: new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS - hoursAgo * HOUR_MS).toISOString(),
    hours: [],
  });
}

const scored = (systemId: string, day: string, mape: number) =>
  server.postgres.pool.query(
    `insert into lifo4.score_day values ($1, 'device', $2::date, $2::date, 'ensemble', '1.0.0', '{1}', '{1}', '{1}',
       '{1}', 24, 0, 0, $3::float8, $3::float8, 1, 0.9)
     on conflict (system_id, model, day) do update set mape = excluded.mape`,
    [systemId, day, mape],
  );

describe('the fleet, site by site', () => {
  beforeAll(async () => {
    server = await startServer();
    token = await server.token();
    for (const id of ['alpha-1', 'beta-2', 'gamma-3']) await registerSite(server, id);
    await registerSite(server, 'gone-4');
    await server.call('DELETE', '/api/v1/systems/gone-4', { token });
    for (const id of ['alpha-1', 'beta-2'])
      await server.call('POST', `/api/v1/systems/${id}/devices`, { token });
    const story = { jobId: 'job-1', systemId: 'alpha-1', version: '1.0.0' };
    await appendModel(server.postgres.log, story);
    await appendDeployed(server.postgres.log, story, 'dep-1');
    const paused = { token, json: { reason: 'the plant is rebuilt' } };
    await server.call('POST', '/api/v1/systems/beta-2/schedule/pause', paused);
    await forecast('alpha-1', 5);
    for (let day = 1; day <= 9; day += 1) await scored('alpha-1', `2026-03-0${day}`, day / 100);
    await scored('alpha-1', '2026-03-09', 0.16);
    await scored('beta-2', '2026-03-09', 0.02);
    await eventually(
      () => server.call('GET', '/api/v1/fleet/sites', { token }),
      ({ text }) => text.includes('rebuilt') && text.includes('"runningVersion":"1.0.0"'),
    );
  });
  afterAll(() => server.close());

  it('says of each site what runs, why something else should, and how its forecasts do', async () => {
    const { items, total, counts } = await fleet();
    expect(items).toMatchObject([
      {
        ...{ systemId: 'alpha-1', runningVersion: '1.0.0', desiredVersion: '1.0.0', difference: null },
        ...{ states: ['stale-forecast'], mape7: 7, scoredUntil: '2026-03-09', openAlerts: 0 },
        mapeTrend: [null, null, null, null, null, 1, 2, 3, 4, 5, 6, 7, 8, 16],
      },
      {
        ...{ systemId: 'beta-2', difference: { code: 'nothing-running' }, mape7: 2 },
        ...{ states: ['differs', 'paused'], retrainsPaused: 'the plant is rebuilt', forecastAt: null },
      },
      { systemId: 'gamma-3', difference: { code: 'no-device' }, mape7: null, mapeTrend: [] },
    ]);
    expect(items[0]?.forecastAgeSeconds).toBeGreaterThanOrEqual(5 * 3_600);
    expect(total).toBe(3);
    expect(counts).toEqual({
      ...{ all: 3, differs: 2, unanswered: 0, 'stale-forecast': 1, 'open-alert': 0, paused: 1 },
    });
  });

  it('filters by text, state and difference, and counts what the text finds', async () => {
    expect(await namesOf('q=BETA')).toEqual(['beta-2']);
    expect(await namesOf('q=sao_paulo&state=paused,stale-forecast')).toEqual(['alpha-1', 'beta-2']);
    expect(await namesOf('difference=no-device')).toEqual(['gamma-3']);
    expect(await fleet('q=alpha&state=paused')).toMatchObject({ total: 0, counts: { all: 1, paused: 0 } });
    for (const query of ['q=%25', "q='", 'q=%5C']) expect(await namesOf(query)).toEqual([]);
  });

  it('sorts by what needs looking at, with sites that have no value last', async () => {
    expect(await namesOf('sort=mape')).toEqual(['alpha-1', 'beta-2', 'gamma-3']);
    expect(await namesOf('sort=mape&order=reversed')).toEqual(['beta-2', 'alpha-1', 'gamma-3']);
    expect(await namesOf('sort=forecast-age')).toEqual(['alpha-1', 'beta-2', 'gamma-3']);
    expect(await namesOf('order=reversed')).toEqual(['gamma-3', 'beta-2', 'alpha-1']);
  });

  it.each(['name', 'mape', 'forecast-age', 'alerts', 'next-retrain'])(
    'pages through the order by %s, either way, without repeating or skipping',
    async (sort) => {
      for (const order of ['usual', 'reversed']) {
        const whole = await namesOf(`sort=${sort}&order=${order}`);
        const seen: string[] = [];
        let next: string | null = '';
        while (next !== null) {
          const page: FleetPage = await fleet(
            `sort=${sort}&order=${order}&limit=1${next && `&cursor=${next}`}`,
          );
          seen.push(...page.items.map(({ systemId }) => systemId));
          next = page.nextCursor;
        }
        expect(seen).toEqual(whole);
        expect(await namesOf(`sort=${sort}&order=${order}&offset=2`)).toEqual(whole.slice(2));
      }
    },
  );

  it('refuses a cursor of another order, and cursor with offset', async () => {
    const { nextCursor } = await fleet('limit=1');
    const refused = (query: string) => server.call('GET', `/api/v1/fleet/sites?${query}`, { token });
    expect((await refused(`sort=mape&cursor=${nextCursor}`)).body).toMatchObject({ code: 'invalid-cursor' });
    expect((await refused('cursor=bnVsbA')).body).toMatchObject({ status: 400, code: 'invalid-cursor' });
    expect((await refused(`offset=1&cursor=${nextCursor}`)).body).toMatchObject({ code: 'two-places' });
    expect((await refused('state=happy')).status).toBe(400);
  });

  it('shows nobody another tenant’s sites, or sites outside a token', async () => {
    const empty = await server.call('GET', '/api/v1/fleet/sites', {
      token: await server.token({ tenant: 'umbrella' }),
    });
    expect(empty.body).toMatchObject({ items: [], total: 0, counts: { all: 0 } });
    const narrowed = await server.call('GET', '/api/v1/fleet/sites', {
      token: await server.token({ systems: ['beta-2'] }),
    });
    expect(narrowed.body).toMatchObject({ items: [{ systemId: 'beta-2' }], total: 1 });
  });
});
