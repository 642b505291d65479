import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registerSite, type ServerUnderTest, startServer } from '../../../test/http/server-under-test.ts';

let server: ServerUnderTest;
let token: string;

interface Event {
  readonly id: string;
  readonly event: string;
  readonly data: { readonly seq: number; readonly systemId: string | null; readonly reason?: string };
}

interface Client {
  /** The next event with data; null at the end. */
  next(): Promise<Event | null>;
  /** What has come so far, as it came. */
  readonly seen: string[];
  leave(): void;
}

const parse = (frame: string): Event | null => {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1];
  const data = field('data');
  return data === undefined
    ? null
    : { id: field('id') ?? '', event: field('event') ?? '', data: JSON.parse(data) };
};

/** The events of a response, piece by piece; `seen` holds what came, as it came. */
async function* eventsOf(response: Response, seen: string[]): AsyncGenerator<Event, null> {
  let rest = '';
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    seen.push(piece);
    const frames = (rest + piece).split('\n\n');
    rest = frames.pop() ?? '';
    yield* frames.map(parse).filter((event) => event !== null);
  }
  return null;
}

async function listen(query = '', headers: Record<string, string> = {}, as = token): Promise<Client> {
  const leaving = new AbortController();
  const response = await fetch(`${server.url}/api/v1/stream?${query}`, {
    headers: { authorization: `Bearer ${as}`, ...headers },
    signal: leaving.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const seen: string[] = [];
  const events = eventsOf(response, seen);
  return { next: async () => (await events.next()).value, seen, leave: () => leaving.abort() };
}

const retrain = async (systemId: string) =>
  server.call('POST', '/api/v1/ml/retrain', { token, json: { systemId } });

async function take(client: Client, count: number): Promise<readonly Event[]> {
  const events: Event[] = [];
  for (let i = 0; i < count; i += 1) {
    const event = await client.next();
    if (event !== null) events.push(event);
  }
  return events;
}

const gauge = async (name: string) =>
  (await server.metrics.getSingleMetric(name)?.get())?.values[0]?.value ?? 0;

describe('the live stream', () => {
  beforeEach(async () => {
    server = await startServer({ heartbeatMs: 50 });
    token = await server.token();
    await registerSite(server, 'bess-1');
    await registerSite(server, 'bess-2');
    while ((await server.postgres.log.headSeq()) < 2) await delay(5);
  });
  afterEach(() => server.close());

  it('begins with what happens from now on', async () => {
    const client = await listen();
    await retrain('bess-1');
    const [event] = await take(client, 1);
    expect(event).toMatchObject({
      id: '3',
      event: 'JobRequested',
      data: { seq: 3, type: 'JobRequested', systemId: 'bess-1', data: { trainingWindowDays: 90 } },
    });
    client.leave();
  });

  it('goes on after the last event seen, by header or by address', async () => {
    for (const client of [await listen('', { 'last-event-id': '1' }), await listen('lastEventId=1')]) {
      expect((await take(client, 1)).map(({ id }) => id)).toEqual(['2']);
      client.leave();
    }
  });

  it('shows what the token may see, of what was asked for', async () => {
    await retrain('bess-1');
    await retrain('bess-2');
    const narrowed = await server.token({ systems: ['bess-2'] });
    const seen = async (query: string, as = token, count = 1) => {
      const client = await listen(`lastEventId=0&${query}`, {}, as);
      const events = await take(client, count);
      client.leave();
      return events.map(({ event, data }) => `${data.systemId} ${event}`);
    };
    expect(await seen('', narrowed, 2)).toEqual(['bess-2 SiteRegistered', 'bess-2 JobRequested']);
    expect(await seen('systemId=bess-1', token, 2)).toEqual(['bess-1 SiteRegistered', 'bess-1 JobRequested']);
    expect(await seen('types=JobRequested', token, 2)).toEqual([
      'bess-1 JobRequested',
      'bess-2 JobRequested',
    ]);
    expect(await seen('stream=site-bess-2')).toEqual(['bess-2 SiteRegistered']);
  });

  it('shows another tenant nothing but that it lives, and moves its cursor on', async () => {
    const other = await server.token({ tenant: 'umbrella', ttlSeconds: 2 });
    const client = await listen('lastEventId=0', {}, other);
    const event = await client.next();
    expect(event).toMatchObject({ event: 'closed', data: { reason: 'token-expired' } });
    expect(client.seen.join('')).toContain(': alive\nid: 2\n');
    expect(await client.next()).toBeNull();
  });

  it('gives every client every fact once and in order, whenever it joins', async () => {
    const total = 60;
    const clients: Client[] = [];
    for (let i = 0; i < total; i += 1) {
      if (i % 10 === 0) clients.push(await listen('lastEventId=0'));
      await registerSite(server, `many-${i}`);
    }
    const wanted = Array.from({ length: total + 2 }, (_, i) => String(i + 1));
    for (const client of clients) {
      expect((await take(client, total + 2)).map(({ id }) => id)).toEqual(wanted);
      client.leave();
    }
  });

  it('ends with a reason when the server closes', async () => {
    const client = await listen();
    const closing = server.app.close();
    expect(await client.next()).toMatchObject({ event: 'closed', data: { reason: 'shutdown' } });
    expect(await client.next()).toBeNull();
    await closing;
  });

  it('forgets clients that leave', async () => {
    const client = await listen();
    expect(await gauge('lifo4_streams_open')).toBe(1);
    client.leave();
    while ((await gauge('lifo4_streams_open')) > 0) await delay(5);
  });
});
