import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journalOf } from '../../../test/edge/journal-facts.ts';
import { registerSite, type ServerUnderTest, startServer } from '../../../test/http/server-under-test.ts';
import { createStreamActors } from '../../actors/stream-actor.ts';
import { createJournalCopies } from '../../cloud/uplink/journal-copies.ts';
import { systemClocks } from '../../ports/clocks.ts';

let server: ServerUnderTest;
const installationId = randomUUID();
const facts = journalOf(1);
const path = `/api/v1/systems/bess-1/device-journals`;

beforeAll(async () => {
  server = await startServer();
  await registerSite(server, 'bess-1', {});
  await registerSite(server, 'bess-2', {});
  const { log } = server.postgres;
  const clocks = systemClocks();
  const told: number[] = [];
  const link = { publishCopied: async () => void told.push(1) };
  const actors = createStreamActors({ log, clocks, newId: randomUUID });
  const copies = createJournalCopies({ log, actors, clocks, link }, () => undefined);
  const logger = pino({ level: 'silent' });
  const message = { messageId: 'm', deviceId: 'dev-1', installationId };
  // In two parts, the second of which overlaps the first.
  for (const part of [facts.slice(0, 3), facts.slice(1)])
    expect(await copies.take('bess-1', { ...message, facts: [...part] }, logger)).toBeNull();
  expect(told).toHaveLength(2);
});
afterAll(() => server.close());

describe('the journals of a site’s devices over HTTP', () => {
  it('lists what is copied, with the quota, and the facts of each', async () => {
    const token = await server.token();
    const list = await server.call('GET', path, { token });
    expect(list.body).toMatchObject({
      items: [{ deviceId: 'dev-1', installationId, facts: 6, quota: { used: 26, held: 0, limit: 500 } }],
    });
    const events = await server.call('GET', `${path}/dev-1/${installationId}/events?after=4`, { token });
    expect(events.body).toMatchObject({
      items: [
        {
          version: 5,
          eventId: facts[4]?.eventId,
          type: 'ModelProven',
          actor: 'dev-1',
          correlationId: 'dep-1',
        },
        { version: 6, eventId: facts[5]?.eventId, type: 'WatchPassed', machine: 'device-update@1' },
      ],
    });
  });

  it('draws the way through the device’s machine', async () => {
    const stream = `device-journal-dev-1-${installationId}`;
    const token = await server.token();
    const drawing = await server.call('GET', `/api/v1/machines/device-update/drawing?stream=${stream}`, {
      token,
    });
    expect(drawing.status).toBe(200);
    expect(drawing.text).toContain('<svg');
  });

  it('answers 404 for another site, tenant or installation', async () => {
    const token = await server.token();
    const elsewhere = `/api/v1/systems/bess-2/device-journals/dev-1/${installationId}/events`;
    expect((await server.call('GET', elsewhere, { token })).status).toBe(404);
    expect((await server.call('GET', `${path}/dev-1/${randomUUID()}/events`, { token })).status).toBe(404);
    const stranger = await server.token({ tenant: 'other' });
    expect((await server.call('GET', path, { token: stranger })).status).toBe(404);
  });
});
