import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createStreamActors } from '../../src/actors/stream-actor.ts';
import { openPostgres, type Postgres } from '../../src/adapters/postgres/open.ts';
import { streamId } from '../../src/events/stream-id.ts';
import { site } from '../../src/machines/site.ts';
import { sampleSettings } from '../sample-facts.ts';
import { createTestDatabase, type TestDatabase } from '../services/postgres.ts';

/** Two schedulers in processes of their own on one database, killed in turn: every slot of every site runs once. */

const SITES = Array.from({ length: 20 }, (_, i) => `site-${i}`);
const WEEKS = 10;
const DAY_MS = 86_400_000;
const FIRST_SLOT = Date.parse('2026-10-19T06:00:00Z');
const PATIENCE = { timeout: 30_000, interval: 30 } as const;

let database: TestDatabase;
let postgres: Postgres;
let siteNow = FIRST_SLOT - 4 * DAY_MS;
let schedulers: ChildProcess[] = [];
const clocks = { site: { now: () => new Date(siteNow) }, machine: { now: () => new Date() } };

async function startScheduler(name: string): Promise<ChildProcess> {
  const child = fork(new URL('./scheduler-process.ts', import.meta.url), [database.connectionString, name]);
  await once(child, 'message');
  child.send(siteNow);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function moveTo(now: number): void {
  siteNow = now;
  for (const child of schedulers) child.send(now);
}

beforeAll(async () => {
  database = await createTestDatabase();
  postgres = await openPostgres({
    connectionString: database.connectionString,
    logger: pino({ level: 'silent' }),
  });
  schedulers = await Promise.all([startScheduler('one'), startScheduler('two')]);
});

afterAll(async () => {
  await Promise.all(schedulers.map(kill));
  await postgres.close();
  await database.drop();
});

const jobs = async () =>
  (await postgres.log.readFeed(0, 10_000))
    .map(({ fact }) => fact)
    .filter(({ type }) => type === 'JobRequested')
    .map(({ data }) => data as { readonly systemId: string; readonly weeklySlot: string });

const actors = () => createStreamActors({ log: postgres.log, clocks, newId: randomUUID });

async function registerAll(): Promise<void> {
  for (const systemId of SITES) {
    const origin = { actor: 'test', tenant: 'acme', systemId, correlationId: systemId };
    const register = { type: 'register', systemId, tenant: 'acme', settings: sampleSettings } as const;
    await actors().send(site, streamId('site', systemId), register, origin);
  }
}

/** Every site waits for this slot, and no job is under way. */
const waitingFor = (slot: number): Promise<void> =>
  vi.waitFor(async () => {
    const loaded = await Promise.all(SITES.map((id) => actors().load(site, streamId('site', id))));
    const planned = new Set(loaded.map(({ stage }) => stage.context.nextRetrain));
    expect(planned).toEqual(new Set([new Date(slot).toISOString()]));
    expect(await postgres.log.entries('unfinished-job', '', 100)).toEqual([]);
  }, PATIENCE);

/** In the middle of its work one of the two is gone, and another comes. */
async function replaceScheduler(which: number): Promise<void> {
  const victim = schedulers[which];
  if (victim === undefined) throw new Error('no scheduler');
  await kill(victim);
  schedulers[which] = await startScheduler(`again-${randomUUID()}`);
}

describe('two schedulers on one database', () => {
  it('start each of 200 slots once, whoever is killed', { timeout: 120_000 }, async () => {
    await registerAll();
    for (let week = 0; week < WEEKS; week += 1) {
      const slot = FIRST_SLOT + week * 7 * DAY_MS;
      await waitingFor(slot);
      moveTo(slot + DAY_MS / 2);
      await replaceScheduler(week % 2);
    }
    await waitingFor(FIRST_SLOT + WEEKS * 7 * DAY_MS);
    const started = await vi.waitFor(async () => {
      const all = await jobs();
      expect(all.length).toBeGreaterThanOrEqual(SITES.length * WEEKS);
      return all;
    }, PATIENCE);
    expect(started).toHaveLength(SITES.length * WEEKS);
    expect(new Set(started.map(({ systemId, weeklySlot }) => `${systemId} ${weeklySlot}`)).size).toBe(200);
  });
});
