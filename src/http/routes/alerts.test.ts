import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  eventually,
  registerSite,
  type ServerUnderTest,
  startServer,
} from '../../../test/http/server-under-test.ts';
import { createStreamActors } from '../../actors/stream-actor.ts';
import { streamId } from '../../events/stream-id.ts';
import { alert } from '../../machines/alert.ts';
import { fleet } from '../../machines/fleet.ts';
import { systemClocks } from '../../ports/clocks.ts';

let server: ServerUnderTest;
const api = '/api/v1/ml';
beforeAll(async () => {
  server = await startServer();
  await registerSite(server, 'bess-1');
  await registerSite(server, 'bess-2');
});
afterAll(() => server.close());

const actors = () =>
  createStreamActors({ log: server.postgres.log, clocks: systemClocks(), newId: randomUUID });
const origin = (systemId: string | null) => ({
  actor: 'cloud',
  tenant: 'acme',
  systemId,
  correlationId: 'x',
});

async function open(alertId: string, systemId: string): Promise<void> {
  const evidence = {
    limit: 0.15,
    days: [{ day: '2026-03-20', error: 0.1234, rmseKw: 14 }],
    hours: [{ hour: 17, error: 0.2, days: 5 }],
    ...{ weeks: null, suspectHours: 0 },
  };
  const opened = {
    ...({ alertId, systemId, tenant: 'acme', rule: 'hour-errors', day: '2026-03-20', evidence } as const),
    actions: ['add-event-flag' as const],
    proposedFlag: { label: 'hours-17', hours: [17] },
  };
  await actors().send(alert, streamId('alert', alertId), { type: 'open', alert: opened }, origin(systemId));
}

describe('alerts', () => {
  it('are listed, acknowledged once, and their flag accepted by one call', async () => {
    const token = await server.token();
    await open('alert-1', 'bess-1');
    const listed = await eventually(
      () => server.call('GET', `${api}/alerts?systemId=bess-1&status=open`, { token }),
      ({ text }) => text.includes('alert-1'),
    );
    expect(listed.body).toMatchObject({
      items: [{ priority: 'P4', evidence: { limit: 15, days: [{ error: 12.34 }], hours: [{ error: 20 }] } }],
    });
    const path = `${api}/alerts/alert-1`;
    const seen = await server.call('POST', `${path}/acknowledge`, { token, json: { note: 'new oven' } });
    expect(seen.body).toMatchObject({ status: 'acknowledged' });
    expect((await server.call('POST', `${path}/acknowledge`, { token, json: {} })).status).toBe(409);
    const accepted = await server.call('POST', `${path}/accept-flag`, { token });
    expect(accepted.body).toMatchObject({ acceptedFlag: 'hours-17' });
    const site = await server.call('GET', '/api/v1/systems/bess-1', { token });
    expect(site.body).toMatchObject({ settings: { eventFlags: [{ label: 'hours-17', hours: [17] }] } });
  });

  it('of another tenant, or beyond the sites of a token, do not exist', async () => {
    await open('alert-2', 'bess-2');
    const others = [await server.token({ tenant: 'other' }), await server.token({ systems: ['bess-1'] })];
    for (const token of others) {
      expect((await server.call('GET', `${api}/alerts/alert-2`, { token })).status).toBe(404);
      const act = await server.call('POST', `${api}/alerts/alert-2/accept-flag`, { token });
      expect(act.status).toBe(404);
      const list = await server.call('GET', `${api}/alerts`, { token });
      expect(list.text).not.toContain('alert-2');
    }
  });
});

describe('silences', () => {
  it('are set by site or rule, listed, and lifted', async () => {
    const token = await server.token();
    const until = '2099-01-01T00:00:00Z';
    const silence = { systemId: 'bess-1', rule: 'daily-mape', until, reason: 'rebuilt' };
    const set = await server.call('POST', `${api}/alert-silences`, { token, json: silence });
    expect(set.body).toMatchObject({ items: [{ systemId: 'bess-1', rule: 'daily-mape' }] });
    const { until: _, ...lift } = silence;
    const lifted = await server.call('POST', `${api}/alert-silences/lift`, { token, json: lift });
    expect(lifted.status).toBe(204);
    expect((await server.call('POST', `${api}/alert-silences/lift`, { token, json: lift })).status).toBe(409);
    expect((await server.call('GET', `${api}/alert-silences`, { token })).body).toEqual({ items: [] });
  });

  it('that are over already, or of sites that are not there or not reached, are refused', async () => {
    const token = await server.token();
    const post = (json: object, as = token) =>
      server.call('POST', `${api}/alert-silences`, { token: as, json: { reason: 'rebuilt', ...json } });
    expect((await post({ until: '2020-01-01T00:00:00Z' })).status).toBe(422);
    expect((await post({ until: '2099-01-01T00:00:00Z', systemId: 'nowhere' })).status).toBe(404);
    const narrow = await server.token({ systems: ['bess-1'] });
    expect((await post({ until: '2099-01-01T00:00:00Z' }, narrow)).status).toBe(404);
  });
});

describe('the fleet', () => {
  it('is resumed by an administrator, with a reason', async () => {
    const stop = {
      tenant: 'acme',
      failed: 3,
      settled: 9,
      window: 100,
      limit: 0.02,
      deploymentIds: ['dep-1'],
    };
    await actors().send(fleet, streamId('fleet', 'acme'), { type: 'stop', stop }, origin(null));
    const token = await server.token();
    const stopped = await server.call('GET', `${api}/fleet`, { token });
    expect(stopped.body).toMatchObject({ status: 'stopped', failed: 3, deploymentIds: ['dep-1'] });
    const trainer = await server.token({ scopes: ['ml:train', 'ml:deploy'] });
    const resume = (as: string, json: object) =>
      server.call('POST', `${api}/fleet/resume`, { token: as, json });
    expect((await resume(trainer, { reason: 'all is well' })).status).toBe(403);
    expect((await resume(token, {})).status).toBe(400);
    expect((await resume(token, { reason: 'recalled the batch' })).body).toMatchObject({
      status: 'deploying',
    });
    expect((await resume(token, { reason: 'once more' })).status).toBe(409);
  });
});

describe('a site', () => {
  it('gets an event flag by one call, checked as its settings are', async () => {
    const token = await server.token();
    const post = (json: object) => server.call('POST', `${api}/systems/bess-2/event-flags`, { token, json });
    const added = await post({ label: 'kiln', hours: [9], weekdays: [0] });
    expect(added.body).toEqual({ eventFlags: [{ label: 'kiln', hours: [9], weekdays: [0] }] });
    expect((await post({ label: 'kiln', hours: [9], dates: ['2026-02-31'] })).status).toBe(422);
    expect((await post({ label: 'kiln', hours: [24] })).status).toBe(400);
  });

  it('shows how its forecasts did', async () => {
    const token = await server.token();
    const scores = await server.call('GET', `${api}/systems/bess-2/scores?days=7`, { token });
    expect(scores.body).toEqual({ systemId: 'bess-2', items: [] });
  });
});
