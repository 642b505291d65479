import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerSite, type ServerUnderTest, startServer } from '../../../test/http/server-under-test.ts';
import { createStreamActors } from '../../actors/stream-actor.ts';
import { createOutlook } from '../../cloud/outlook.ts';
import { systemClocks } from '../../ports/clocks.ts';

const HOUR_MS = 3_600_000;
let server: ServerUnderTest;
let token: string;
let sites = 0;

beforeAll(async () => {
  server = await startServer();
  token = await server.token();
});
afterAll(() => server.close());

const current = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const at = (hours: number): string => new Date(current + hours * HOUR_MS).toISOString();
const pathOf = (systemId: string) => `/api/v1/telemetry/${systemId}/temperature-forecast`;
const hoursOf = (...celsius: readonly number[]) =>
  celsius.map((temperatureC, i) => ({ hour: at(i + 1), temperatureC }));

async function newSite(): Promise<string> {
  const systemId = `warm-${++sites}`;
  await registerSite(server, systemId);
  return systemId;
}

const supply = (systemId: string, hours: readonly object[], as = token) =>
  server.call('POST', pathOf(systemId), { token: as, json: { hours } });

describe('a temperature forecast over HTTP', () => {
  it('is known from when it came in, and a correction is a forecast of its own', async () => {
    const systemId = await newSite();
    const before = new Date();
    const first = await supply(systemId, hoursOf(20, 21.5));
    expect(first).toMatchObject({ status: 200, body: { hours: 2, firstHour: at(1), lastHour: at(2) } });
    const { issuedAt } = first.body as { issuedAt: string };
    const second = await supply(systemId, hoursOf(20, 25));
    const { log, temperatureForecasts } = server.postgres;
    const actors = createStreamActors({ log, clocks: systemClocks(), newId: () => 'x' });
    const outlook = createOutlook({ actors, prices: null, submarket: null, temperatureForecasts });
    const knownAt = (time: Date) => outlook.read(systemId, new Date(at(-24)), time);
    expect(await knownAt(before)).toEqual({ temperature: [], price: [] });
    expect((await knownAt(new Date(Date.parse(issuedAt) + 1))).temperature).toEqual([
      { issuedAt: Date.parse(issuedAt), start: Date.parse(at(1)), values: Float64Array.of(20, 21.5) },
    ]);
    expect((await knownAt(new Date(at(1)))).temperature).toHaveLength(2);
    const read = await server.call('GET', pathOf(systemId), { token });
    expect(read.body).toEqual({
      ...{ systemId, issuedAt: (second.body as { issuedAt: string }).issuedAt },
      hours: hoursOf(20, 25),
    });
  });

  it('comes as a table too, with hours that are over left out and gaps as gaps', async () => {
    const systemId = await newSite();
    const raw = `timestamp_utc,temperature_c\n${at(3)},18.5\n${at(-2)},30\n${at(0)},19\n`;
    const answer = await server.call('POST', pathOf(systemId), {
      ...{ token, raw, headers: { 'content-type': 'text/csv' } },
    });
    expect(answer).toMatchObject({ status: 200, body: { hours: 2, firstHour: at(0), lastHour: at(3) } });
    const stored = await server.postgres.temperatureForecasts.latest(systemId);
    expect(stored?.values).toEqual(Float64Array.of(19, Number.NaN, Number.NaN, 18.5));
  });

  it('repeated, is kept once', async () => {
    const systemId = await newSite();
    await supply(systemId, hoursOf(20));
    expect(await supply(systemId, hoursOf(20))).toMatchObject({ status: 200, body: { issuedAt: null } });
    const many = await Promise.all([21, 22, 23, 24].map((celsius) => supply(systemId, hoursOf(celsius))));
    expect(new Set(many.map(({ body }) => (body as { issuedAt: string }).issuedAt)).size).toBe(4);
  });

  it('has its device’s configuration looked at again at once', async () => {
    const systemId = await newSite();
    await server.call('POST', `/api/v1/systems/${systemId}/devices`, { token });
    const due = async () => (await server.postgres.renewals.claim(100, HOUR_MS)).map((look) => look.systemId);
    expect(await due()).toContain(systemId);
    expect(await due()).toEqual([]);
    await supply(systemId, hoursOf(20));
    expect(await due()).toEqual([systemId]);
  });

  it.each([
    ['another planet’s air', [{ hour: at(1), temperatureC: 200 }], 400],
    ['no hour’s beginning', [{ hour: at(1).replace(':00:00', ':30:00'), temperatureC: 20 }], 422],
    ['an hour twice', [...hoursOf(20), ...hoursOf(20)], 422],
    ['an hour far ahead', [{ hour: at(400), temperatureC: 20 }], 422],
    ['an hour long over', [{ hour: at(-30), temperatureC: 20 }, ...hoursOf(20)], 422],
    ['nothing to come', [{ hour: at(-1), temperatureC: 20 }], 422],
    ['no hours', [], 400],
  ])('of %s is refused, and nothing kept', async (_what, hours, status) => {
    const systemId = await newSite();
    expect((await supply(systemId, hours)).status).toBe(status);
    expect((await server.call('GET', pathOf(systemId), { token })).status).toBe(404);
  });

  it('is of a site that the caller reaches, and needs the scope for writing', async () => {
    const systemId = await newSite();
    expect((await supply(systemId, hoursOf(20), await server.token({ tenant: 'other' }))).status).toBe(404);
    expect((await supply(systemId, hoursOf(20), await server.token({ scopes: ['ml:read'] }))).status).toBe(
      403,
    );
    expect((await supply('nowhere', hoursOf(20))).status).toBe(404);
  });
});
