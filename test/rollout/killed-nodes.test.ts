import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStreamActors } from '../../src/actors/stream-actor.ts';
import { openPostgres, type Postgres } from '../../src/adapters/postgres/open.ts';
import { createRolloutControl } from '../../src/cloud/control/rollout-control.ts';
import { loadDeployment } from '../../src/cloud/streams.ts';
import { deployment } from '../../src/machines/deployment.ts';
import type { RolloutStage } from '../../src/machines/rollout-commands.ts';
import { site } from '../../src/machines/site.ts';
import { deploymentsProjection } from '../../src/projections/deployments.ts';
import { modelsProjection } from '../../src/projections/models.ts';
import { sitesProjection } from '../../src/projections/sites.ts';
import { REQUEST, RULES, train } from '../cloud/rollout-fleet.ts';
import { sampleSettings } from '../sample-facts.ts';
import { memoryArtifacts } from '../services/memory-artifacts.ts';
import { createTestDatabase, type TestDatabase } from '../services/postgres.ts';

/** Nodes in processes of their own that are killed again and again: each site is offered its version once all the same. */

const SITES = Array.from({ length: 16 }, (_, i) => `site-${i}`);
const CALLER = { actor: 'ana', tenant: 'acme' };
const clocks = { site: { now: () => new Date() }, machine: { now: () => new Date() } };

let database: TestDatabase;
let postgres: Postgres;
let node: ChildProcess;
let kills = 0;

const actors = () => createStreamActors({ log: postgres.log, clocks, newId: randomUUID });
const control = () => createRolloutControl({ ...postgres, actors: actors(), newId: randomUUID });

async function startNode(): Promise<ChildProcess> {
  const url = new URL('./node-process.ts', import.meta.url);
  const child = fork(url, [database.connectionString, `node-${randomUUID()}`]);
  await once(child, 'message');
  return child;
}

async function killNode(): Promise<void> {
  const exited = once(node, 'exit');
  node.kill('SIGKILL');
  await exited;
}

/** The device of the site takes up what is on offer to it. */
async function answer(systemId: string): Promise<void> {
  const offered = await postgres.log.lookup('offered-deployment', systemId);
  if (offered === null) return;
  const loaded = await loadDeployment(actors(), offered);
  const { offer } = loaded.stage.context;
  if (offer === null || loaded.stage.state !== 'offered') return;
  const { deviceId, assignment, version } = offer;
  const said = {
    messageId: randomUUID(),
    deviceId,
    assignment,
    runningVersion: version,
    at: new Date().toISOString(),
  };
  const origin = { actor: deviceId, tenant: 'acme', systemId, correlationId: offered };
  const command = { type: 'answer', status: 'active', answer: said, overtaken: false } as const;
  await actors().send(deployment, loaded.streamId, command, origin);
}

/** Facts after which the node is killed: in the middle of what follows from them. */
const FACTS_A_LIFE = 3;

/** Devices answer and nodes die until the rollout is where it should be. */
async function liveUntil(rolloutId: string, done: (stage: RolloutStage) => boolean): Promise<void> {
  let killedAt = 0;
  for (;;) {
    const { stage, facts } = await control().getRollout(CALLER, rolloutId);
    if (done(stage)) return;
    await Promise.all(SITES.map(answer));
    if (facts.length - killedAt < FACTS_A_LIFE) continue;
    killedAt = facts.length;
    await killNode();
    kills += 1;
    node = await startNode();
  }
}

async function registered(systemId: string): Promise<void> {
  const origin = { actor: 'test', tenant: 'acme', systemId, correlationId: systemId };
  const deviceId = `dev-${systemId}`;
  const register = { type: 'register', systemId, tenant: 'acme', settings: sampleSettings } as const;
  await actors().send(site, `site-${systemId}`, register, origin);
  await actors().send(site, `site-${systemId}`, { type: 'assign-device', deviceId }, origin);
  const cloud = { actors: actors(), artifacts: memoryArtifacts() };
  const trainedUntil = '2026-01-01T03:00:00Z';
  await train(cloud, systemId, { version: '1.0.0', trainedUntil, deviceId });
  await answer(systemId);
  await train(cloud, systemId, { version: '1.1.0', trainedUntil, deviceId: null });
}

/** Versions that the rollout offered, site by site. */
async function offersOf(rolloutId: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const facts = await postgres.log.readFeed(0, 10_000);
  const offers = facts
    .filter(({ fact }) => fact.type === 'DeploymentOffered')
    .map(
      ({ fact }) =>
        fact.data as { readonly systemId: string; readonly version: string; readonly rolloutId?: string },
    )
    .filter((offer) => offer.rolloutId === rolloutId);
  const bySite = Map.groupBy(offers, ({ systemId }) => systemId);
  return new Map([...bySite].map(([systemId, own]) => [systemId, own.map(({ version }) => version)]));
}

beforeAll(async () => {
  database = await createTestDatabase();
  const projections = [sitesProjection, modelsProjection, deploymentsProjection];
  const logger = pino({ level: 'silent' });
  postgres = await openPostgres({ connectionString: database.connectionString, logger, projections });
  await Promise.all(SITES.map(registered));
  node = await startNode();
}, 60_000);

afterAll(async () => {
  await killNode();
  await postgres.close();
  await database.drop();
});

const start = async (sites: readonly string[]): Promise<string> => {
  const request = {
    ...REQUEST,
    sites: sites.map((systemId) => ({ systemId })),
    rules: { ...RULES, atOnce: 3 },
  };
  return (await control().startRollout(CALLER, request)).rolloutId;
};

describe('nodes that are killed in the middle of a rollout', () => {
  it('leave it to others, and each site is offered its version once', { timeout: 120_000 }, async () => {
    const sites = SITES.slice(0, 8);
    const rolloutId = await start(sites);
    await liveUntil(rolloutId, ({ state }) => state === 'completed');
    expect(kills).toBeGreaterThan(0);
    const offers = await offersOf(rolloutId);
    expect(sites.map((systemId) => offers.get(systemId))).toEqual(sites.map(() => ['1.1.0']));
  });

  it('take every updated site back once', { timeout: 120_000 }, async () => {
    const rolloutId = await start(SITES.slice(8));
    await liveUntil(rolloutId, ({ context }) => context.stage >= 2);
    await control().abortRollout(CALLER, rolloutId, 'the wrong versions');
    await liveUntil(rolloutId, ({ state }) => state === 'aborted');
    const { stage } = await control().getRollout(CALLER, rolloutId);
    const [updated, others] = [true, false].map((isUpdated) =>
      stage.context.sites.filter((each) => (each.stage !== null) === isUpdated),
    );
    const offers = await offersOf(rolloutId);
    expect(updated?.map(({ systemId }) => offers.get(systemId))).toEqual(
      updated?.map(() => ['1.1.0', '1.0.0']),
    );
    expect(new Set(updated?.map(({ status }) => status))).toEqual(new Set(['reverted']));
    expect(others?.filter(({ systemId, status }) => offers.has(systemId) || status !== 'waiting')).toEqual(
      [],
    );
  });
});
