import pino from 'pino';
import { vi } from 'vitest';
import { createEffectRunner } from '../../src/actors/effect-runner.ts';
import { createStreamActors } from '../../src/actors/stream-actor.ts';
import { openMemory } from '../../src/adapters/memory/open.ts';
import { createControlPlane } from '../../src/cloud/create-control-plane.ts';
import type { CloudDependencies } from '../../src/cloud/dependencies.ts';
import { createEffectHandlers } from '../../src/cloud/effect-handlers.ts';
import { loadDeployment, loadJob } from '../../src/cloud/streams.ts';
import { createUplinkIngest } from '../../src/cloud/uplink/ingest.ts';
import type { DeploymentFact } from '../../src/events/deployment.ts';
import { noOutlook } from '../../src/forecasting/series.ts';
import { deployment } from '../../src/machines/deployment.ts';
import { trainingJob } from '../../src/machines/training-job.ts';
import type { UplinkKind } from '../../src/ports/device-link.ts';
import { PublishTimeout } from '../../src/ports/retained-publisher.ts';
import type { StoredForecast } from '../../src/ports/telemetry.ts';
import { NO_TRACING } from '../../src/ports/tracing.ts';
import { deploymentsProjection } from '../../src/projections/deployments.ts';
import { filesProjection } from '../../src/projections/files.ts';
import { modelsProjection } from '../../src/projections/models.ts';
import { rolloutsProjection } from '../../src/projections/rollouts.ts';
import { sitesProjection } from '../../src/projections/sites.ts';
import { sampleDataSet, sampleEvaluation, sampleOffer, sampleSettings } from '../sample-facts.ts';
import { memoryArtifacts } from '../services/memory-artifacts.ts';

/** The cloud's decisions over a log in memory and a broker that is a map: for what is quicker to tell than to run. */

export const SITE = 'bess-456';
export const CALLER = { actor: 'ana', tenant: 'acme' };
type Offer = Extract<DeploymentFact, { type: 'DeploymentOffered' }>['data'];

export const SITE_NOW = Date.parse('2026-01-05T06:00:00Z');
const PATIENCE = { timeout: 5_000, interval: 10 } as const;
const logger = pino({ level: 'silent' });

/** Retained messages by topic, as text; the broker can be away. */
function memoryBroker() {
  const retained = new Map<string, Record<string, unknown>>();
  const listeners = new Set<() => void>();
  const broker = { isUp: true, refuses: new Set<string>() };
  function assertTaken(systemId: string): void {
    if (!broker.isUp) throw new PublishTimeout(systemId, 0);
    if (broker.refuses.has(systemId)) throw new Error(`nothing is published for ${systemId}`);
  }
  const publish = (kind: string) => async (systemId: string, payload: Uint8Array | null) => {
    assertTaken(systemId);
    if (payload === null) retained.delete(`${kind}/${systemId}`);
    else retained.set(`${kind}/${systemId}`, JSON.parse(new TextDecoder().decode(payload)));
  };
  const link: CloudDependencies['link'] = {
    publishDesired: publish('desired'),
    publishConfig: publish('config'),
    publishAlerts: publish('alert'),
    publishCopied: publish('copied'),
    onUplink: async () => async () => undefined,
    connected: () => broker.isUp,
    onConnected: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => undefined,
  };
  return { broker, retained, link, connect: () => listeners.forEach((listener) => void listener()) };
}

const absent = async (): Promise<never> => {
  throw new Error('not part of this test');
};

const absentScores: CloudDependencies['scores'] = {
  ...{ figures: absent, errorHours: absent },
  ...{ scoreArrivals: absent, waiting: absent, days: absent, hours: absent, prune: absent },
};

const absentWatchList: CloudDependencies['watchList'] = { due: absent, judged: absent };
const absentRenewals: CloudDependencies['renewals'] = { claim: absent, told: absent, hasten: absent };

async function signerOfTest(): Promise<CloudDependencies['signer']> {
  const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
    'verify',
  ]);
  return { kid: 'test', key: privateKey };
}

/** The site clock stands and the machine clock goes on; both can be moved on. */
function movableClocks() {
  let aheadMs = 0;
  let siteMs = SITE_NOW;
  return {
    clocks: {
      site: { now: () => new Date(siteMs) },
      machine: { now: () => new Date(Date.now() + aheadMs) },
    },
    passTime: (ms: number) => {
      aheadMs += ms;
    },
    passSiteTime: (ms: number) => {
      siteMs += ms;
    },
  };
}

const projections = [
  ...[sitesProjection, filesProjection, deploymentsProjection, modelsProjection, rolloutsProjection],
];

/** `over` replaces parts of what the cloud stands on. */
export async function cloudOnMemory(over: Partial<CloudDependencies> = {}) {
  const { log, effects: queue, readModels } = openMemory({ projections });
  const artifacts = memoryArtifacts();
  const { broker, retained, link, connect } = memoryBroker();
  const { clocks, passTime, passSiteTime } = movableClocks();
  let ids = 0;
  const newId = () => `id-${++ids}`;
  const actors = createStreamActors({ log, clocks, newId });
  const revoked: string[] = [];
  const forecasts: StoredForecast[] = [];
  const cloud: CloudDependencies = {
    ...{ log, queue, actors, readModels, artifacts, clocks, link, newId, logger },
    telemetry: { write: absent, read: absent, extent: absent },
    outlook: { read: async () => noOutlook },
    forecasts: { save: async (forecast) => void forecasts.push(forecast), latest: absent },
    ...{ scores: absentScores, watchList: absentWatchList, renewals: absentRenewals, retrainOnAlert: false },
    credentials: {
      add: async () => undefined,
      verify: absent,
      revoke: async (deviceId) => void revoked.push(deviceId),
    },
    trainer: { train: absent, close: async () => undefined },
    evaluator: { evaluate: absent, close: async () => undefined },
    signer: await signerOfTest(),
    ...{ trust: { ensure: async () => true }, disconnectDevice: async () => undefined },
    newSecret: () => 'a long secret',
    newSeed: () => 7,
    modelsUrl: 'http://127.0.0.1/models',
    ...{ offerLifetimeMs: 3_600_000, retrainWindowMs: 0 },
    ...{ layoutVersion: 1, tracing: NO_TRACING },
    ...over,
  };
  const control = createControlPlane(cloud);
  const handlers = createEffectHandlers(cloud);
  const refusals: string[] = [];
  const observer = {
    ...{ accepted: () => undefined, repeated: () => undefined, answered: () => undefined },
    refused: (_kind: UplinkKind, refusal: string) => void refusals.push(refusal),
  };
  const ingest = createUplinkIngest(cloud, observer, logger);
  const origin = { actor: 'test', tenant: 'acme', systemId: SITE, correlationId: 'test' };

  /** A job that stands where the gate judges it, its model compared with the given champion. */
  async function evaluatedJob(
    jobId: string,
    version: string,
    championDeploymentId: string | null,
    force = false,
    artifact = sampleEvaluation.artifact,
    trigger: 'manual' | 'weekly' = 'manual',
    hold = false,
  ) {
    const stream = `training-job-${jobId}`;
    const request = {
      ...({ jobId, systemId: SITE, tenant: 'acme', modelType: 'ensemble', members: 'all' } as const),
      ...({ trainingWindowDays: 90, forceRedeploy: force, trigger, seed: 7 } as const),
      ...(hold ? { hold } : {}),
    };
    const comparison =
      championDeploymentId === null ? null : { championVersion: '1.0.0', championDeploymentId, ...BETTER };
    await actors.send(trainingJob, stream, { type: 'request', request }, origin);
    await actors.send(trainingJob, stream, { type: 'record-data', dataSet: sampleDataSet }, origin);
    const evaluation = { ...sampleEvaluation, version, comparison, artifact };
    await actors.send(trainingJob, stream, { type: 'record-evaluation', evaluation }, origin);
  }

  const parts = { cloud, control, log, queue, actors, broker, retained, connect, artifacts };
  return {
    ...parts,
    ...{ refusals, revoked, forecasts, evaluatedJob, passTime, passSiteTime },
    /** Runs every effect that is due, until `condition` holds. Training and collecting are left alone. */
    async runUntil(condition: () => Promise<void> | void): Promise<void> {
      const runner = createEffectRunner({
        ...{ log, queue, clocks, logger, worker: 'w1', random: () => 0 },
        handlers: new Map(
          [...handlers].filter(([type]) => type !== 'collect-data' && type !== 'train-models'),
        ),
        concurrency: { quick: 4, slow: 1 },
        observe: () => undefined,
        pollMs: 10,
      });
      runner.start();
      try {
        await vi.waitFor(condition, PATIENCE);
      } finally {
        await runner.close();
      }
    },
    /** A registered site with a device; answers the device's id. */
    async site(): Promise<string> {
      await control.putSite(CALLER, SITE, sampleSettings);
      return (await control.addDevice(CALLER, SITE)).deviceId;
    },
    /** A deployment as an earlier job made it. */
    async offer(over: Partial<Offer>): Promise<void> {
      const offer = { ...sampleOffer, jobId: null, expires: '2026-01-06T06:00:00Z', ...over };
      await actors.send(deployment, `deployment-${offer.deploymentId}`, { type: 'offer', offer }, origin);
    },
    say: (kind: UplinkKind, message: object, systemId = SITE) =>
      ingest({ kind, systemId, payload: new TextEncoder().encode(JSON.stringify(message)) }),
    stateOf: async (deploymentId: string) => (await loadDeployment(actors, deploymentId)).stage.state,
    job: async (jobId: string) => loadJob(actors, jobId),
    running: () => log.lookup('running-deployment', SITE),
  };
}

const BETTER = {
  unseenDays: 7,
  championMape: 0.05,
  challengerMape: 0.038,
  gain: 0.24,
  gainLower90: 0.1,
  gainUpper90: 0.3,
};

export type CloudOnMemory = Awaited<ReturnType<typeof cloudOnMemory>>;

let messages = 0;
/** An ack as a device sends it. */
export const ackOf = (
  deviceId: string,
  deploymentId: string,
  status: 'active' | 'rolledback' | 'rejected',
  runningVersion: string | null = '1.0.0',
) => ({
  messageId: `m-${++messages}`,
  ...{ deviceId, deploymentId, status, runningVersion },
  ...{ assignment: 1, version: '1.0.0', at: '2026-01-05T06:05:00Z' },
  ...(status === 'active' ? {} : { reason: 'no number' }),
});
