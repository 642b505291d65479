import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { registerSite, type ServerUnderTest, startServer } from '../../../test/http/server-under-test.ts';

const HOUR_MS = 3_600_000;
const SITE = 'scored-1';
let server: ServerUnderTest;
let token: string;
/** The first hour of the local day before yesterday in São Paulo, which is three hours behind UTC. */
const midnight = (Math.floor((Date.now() - 3 * HOUR_MS) / (24 * HOUR_MS)) - 2) * 24 * HOUR_MS + 3 * HOUR_MS;
const hour = (n: number): string => new Date(midnight + n * HOUR_MS).toISOString();
const dayOf = (n: number): string => new Date(midnight + n * 24 * HOUR_MS).toISOString().slice(0, 10);
/** Monday is 0. */
const weekday = (new Date(midnight).getUTCDay() + 6) % 7;

const forecast = (issued: number, version: string, kw: number) =>
  server.postgres.forecasts.save({
    ...{ systemId: SITE, issuedAt: hour(issued), version, modelType: 'ensemble', deviceId: 'device-1' },
    hours: Array.from({ length: 48 }, (_, i) => ({
      ...{ hour: hour(issued + i), loadKw: kw, lowerKw: kw - 5, upperKw: kw + 5, peakProbability: null },
    })),
  });

/** Scores wait until the list of sites has the site. */
const scored = () =>
  vi.waitFor(
    async () => {
      await server.postgres.scores.scoreArrivals(1_000);
      expect(await server.postgres.scores.waiting()).toBe(0);
    },
    { timeout: 10_000, interval: 50 },
  );

beforeAll(async () => {
  server = await startServer();
  token = await server.token();
  await registerSite(server, SITE);
  const { telemetry, memberDays } = server.postgres;
  await forecast(0, '1.0.0', 110);
  await forecast(24, '1.1.0', 105);
  await telemetry.write(
    SITE,
    Array.from({ length: 48 }, (_, i) => ({ hour: hour(i), loadKw: i === 17 ? 200 : 100 })),
  );
  await scored();
  const due = await memberDays.claim(new Date(midnight + 31 * HOUR_MS), 1);
  const flat = (kw: number): number[] => new Array<number>(24).fill(kw);
  for (const served of due)
    await memberDays.save(served, [
      { modelType: 'linear', loadKw: flat(100), lowerKw: flat(90), upperKw: flat(120) },
    ]);
  await scored();
});
afterAll(() => server.close());

const get = (path: string, as = token) => server.call('GET', `/api/v1/ml/systems/${path}`, { token: as });

describe('how a site’s forecasts did', () => {
  it('is told by day with what was forecast and measured, of any model', async () => {
    const served = await get(`${SITE}/scores?days=7`);
    expect(served.body).toMatchObject({ items: [{ version: '1.0.0' }, { version: '1.1.0', mape: 5 }] });
    const { items } = (await get(`${SITE}/scores?days=7&model=linear`)).body as {
      items: { day: string; forecastKw: number[]; actualKw: number[] }[];
    };
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ day: dayOf(0), version: '1.0.0' });
    expect(items[0]?.actualKw[17]).toBe(200);
    expect((await get(`${SITE}/scores?model=Linear';--`)).status).toBe(400);
  });

  it('is told as a trend of all models, and of each version that served', async () => {
    const { body } = await get(`${SITE}/accuracy?days=7`);
    const days = (body as { days: { day: string; model: string }[] }).days;
    expect(days.map(({ day, model }) => `${day} ${model}`)).toEqual([
      `${dayOf(0)} device`,
      `${dayOf(0)} linear`,
      `${dayOf(1)} device`,
    ]);
    expect(body).toMatchObject({
      versions: [
        { version: '1.0.0', days: 1, firstDay: dayOf(0), lastDay: dayOf(0) },
        { version: '1.1.0', days: 1, mape: 5, coverage90: 100 },
      ],
    });
  });

  it('is told by weekday and hour, as a map of the week', async () => {
    const { cells } = (await get(`${SITE}/error-hours?days=7`)).body as {
      cells: { weekday: number; hour: number; error: number; bias: number; hours: number }[];
    };
    expect(cells).toHaveLength(48);
    const at = (day: number, n: number) => cells.find((cell) => cell.weekday === day && cell.hour === n);
    expect(at(weekday, 17)).toMatchObject({ error: 45, bias: -90, hours: 1 });
    expect(at(weekday, 3)).toMatchObject({ error: 10, bias: 10 });
    expect(at((weekday + 1) % 7, 17)).toMatchObject({ error: 5, bias: 5 });
  });

  it('is nobody else’s to see', async () => {
    const other = await server.token({ tenant: 'other' });
    for (const path of ['scores', 'accuracy', 'error-hours'])
      expect((await get(`${SITE}/${path}`, other)).status).toBe(404);
  });
});
