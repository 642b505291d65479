import { expect } from 'vitest';
import type { CloudDependencies } from '../../src/cloud/dependencies.ts';
import type { RolloutRequest } from '../../src/cloud/rollout/request.ts';
import type { MetricsSummary } from '../../src/forecasting/metrics.ts';
import { deployment } from '../../src/machines/deployment.ts';
import type { RolloutSite } from '../../src/machines/rollout-model.ts';
import { trainingJob } from '../../src/machines/training-job.ts';
import { EvaluationRefused } from '../../src/ports/evaluator.ts';
import {
  sampleDataSet,
  sampleDecision,
  sampleEvaluation,
  sampleMetrics,
  sampleOffer,
  sampleSettings,
} from '../sample-facts.ts';
import { CALLER, type CloudOnMemory, cloudOnMemory } from './cloud-on-memory.ts';

/** Sites whose devices run version 1.0.0 and that have a newer one, and devices that answer as they are told. */

export const RULES: RolloutRequest['rules'] = {
  ...{ shadowDays: 0, window: null, atOnce: 50, perHour: null, soakHours: 0, onBreach: 'pause' },
  thresholds: { failures: 0.2, timeouts: 0.5, shadowWorse: 0.5, liveWorse: 0.2, errorIncrease: 0.1 },
};
export const REQUEST: RolloutRequest = {
  ...{ sites: null, zone: null, note: 'the new recipe', rules: RULES },
  stages: [{ sites: 1 }, { share: 0.25 }, { share: 1 }],
};

export const fileOf = (systemId: string, version: string): string => `${systemId} ${version}`;

/** Finds the MAPE that is given for a file's text; `NaN` refuses it. */
const evaluatorOf = (errors: ReadonlyMap<string, number>): CloudDependencies['evaluator'] => ({
  evaluate: async ({ artifact }) => {
    const mape = errors.get(new TextDecoder().decode(artifact)) ?? 0.05;
    if (Number.isNaN(mape)) throw new EvaluationRefused('nothing-to-score', 'no day has its load measured');
    const metrics: MetricsSummary = { ...sampleMetrics, mape };
    const figures = { accuracy24h: 0.9, accuracy48h: 0.9, accuracyTolerance: 0.1 };
    const hours = { worstHours: [], bestHours: [], evaluatedHours: 168, inSampleHours: 0, missingHours: 0 };
    return { metrics, ...figures, ...hours, origins: 7, skippedOrigins: 0 };
  },
  close: async () => undefined,
});

interface TrainedVersion {
  readonly version: string;
  readonly trainedUntil: string;
  /** Whose device is offered it at once; null when its job kept it. */
  readonly deviceId: string | null;
}

/** A version as its job made it. */
export async function train(
  { actors, artifacts }: Pick<CloudDependencies, 'actors' | 'artifacts'>,
  systemId: string,
  { version, trainedUntil, deviceId }: TrainedVersion,
): Promise<void> {
  const jobId = `job-${systemId}-${version}`;
  const stream = `training-job-${jobId}`;
  const origin = { actor: 'test', tenant: 'acme', systemId, correlationId: jobId };
  const artifact = await artifacts.put(new TextEncoder().encode(fileOf(systemId, version)));
  const request = {
    ...({ jobId, systemId, tenant: 'acme', modelType: 'ensemble', members: 'all' } as const),
    ...({ trainingWindowDays: 90, forceRedeploy: false, trigger: 'manual', seed: 7 } as const),
  };
  await actors.send(trainingJob, stream, { type: 'request', request }, origin);
  await actors.send(trainingJob, stream, { type: 'record-data', dataSet: sampleDataSet }, origin);
  const modelArtifacts = [{ modelType: 'ensemble' as const, artifact, metrics: sampleMetrics }];
  const evaluation = { ...sampleEvaluation, version, artifact, modelArtifacts, trainedUntil };
  await actors.send(trainingJob, stream, { type: 'record-evaluation', evaluation }, origin);
  const decision = sampleDecision;
  if (deviceId === null) {
    const kept = { version, reason: 'not-enough-unseen-days', decision } as const;
    return actors.send(trainingJob, stream, { type: 'keep', kept }, origin);
  }
  const deploymentId = `first-${systemId}`;
  const deployed = { version, deploymentId, decision };
  await actors.send(trainingJob, stream, { type: 'deploy', deployment: deployed }, origin);
  const offered = { deploymentId, systemId, deviceId, version, artifact, trainedUntil };
  const offer = { ...sampleOffer, ...offered, jobId: null };
  await actors.send(deployment, `deployment-${deploymentId}`, { type: 'offer', offer }, origin);
}

type DeviceAnswer = 'active' | 'rejected' | 'rolledback';

/** Devices that answer what is retained for them, once each. */
function answeringDevices(
  { say: send, retained, cloud }: CloudOnMemory,
  devices: ReadonlyMap<string, string>,
) {
  let answer: (systemId: string, version: string) => DeviceAnswer | null = () => 'active';
  let messages = 0;
  const answered = new Set<unknown>();

  async function say(
    systemId: string,
    desired: Record<string, unknown>,
    status: DeviceAnswer,
  ): Promise<void> {
    const { deploymentId, assignment, version } = desired;
    const at = cloud.clocks.site.now().toISOString();
    const about = { messageId: `f-${++messages}`, deviceId: devices.get(systemId), deploymentId, assignment };
    const reason = status === 'active' ? {} : { reason: 'no number' };
    await send('ack', { ...about, version, status, runningVersion: version, at, ...reason }, systemId);
  }

  async function answerOne(systemId: string): Promise<void> {
    const desired = retained.get(`desired/${systemId}`);
    if (desired === undefined || answered.has(desired['deploymentId'])) return;
    const status = answer(systemId, String(desired['version']));
    if (status === null) return;
    answered.add(desired['deploymentId']);
    await say(systemId, desired, status);
  }

  return {
    say,
    /** What a device answers to a version from now on; null for silence. */
    answers: (next: typeof answer): void => {
      answer = next;
    },
    answerAll: async () => {
      for (const systemId of devices.keys()) await answerOne(systemId);
    },
  };
}

export async function rolloutFleet(count: number, over: Partial<CloudDependencies> = {}) {
  const errors = new Map<string, number>();
  const absent = async () => undefined as never;
  const telemetry = { write: absent, extent: absent, read: async () => [] };
  const world = await cloudOnMemory({
    ...{ evaluator: evaluatorOf(errors), telemetry, rolloutPace: { soon: 5, later: 10 }, ...over },
  });
  const { control, log } = world;
  const sites = Array.from({ length: count }, (_, i) => `site-${i}`);
  const devices = new Map<string, string>();
  const { say, answers, answerAll } = answeringDevices(world, devices);

  for (const systemId of sites) {
    await control.putSite(CALLER, systemId, sampleSettings);
    const { deviceId } = await control.addDevice(CALLER, systemId);
    devices.set(systemId, deviceId);
    await train(world, systemId, { version: '1.0.0', trainedUntil: '2025-12-01T06:00:00Z', deviceId });
    await say(systemId, { deploymentId: `first-${systemId}`, assignment: 1, version: '1.0.0' }, 'active');
    await train(world, systemId, { version: '1.1.0', trainedUntil: '2025-12-28T06:00:00Z', deviceId: null });
  }

  const rolloutOf = (rolloutId: string) => control.getRollout(CALLER, rolloutId);
  return {
    ...world,
    ...{ sites, errors, answers, say, rolloutOf },
    start: async (request: RolloutRequest = REQUEST): Promise<string> =>
      (await control.startRollout(CALLER, request)).rolloutId,
    sitesOf: async (rolloutId: string): Promise<readonly RolloutSite[]> =>
      (await rolloutOf(rolloutId)).stage.context.sites,
    /** Types of the rollout's facts so far. */
    typesOf: async (rolloutId: string) => (await rolloutOf(rolloutId)).facts.map(({ fact }) => fact.type),
    /** Lets everything go on until `condition` holds. */
    live: (condition: () => Promise<void> | void): Promise<void> =>
      world.runUntil(async () => {
        await answerAll();
        await condition();
      }),
    runs: (systemId: string) => log.lookup('running-deployment', systemId),
  };
}

export type RolloutFleet = Awaited<ReturnType<typeof rolloutFleet>>;

export const stateIs = (fleet: RolloutFleet, rolloutId: string, state: string) => async () =>
  expect((await fleet.rolloutOf(rolloutId)).stage.state).toBe(state);

export const statuses = async (fleet: RolloutFleet, rolloutId: string) =>
  (await fleet.sitesOf(rolloutId)).map(({ status }) => status);

export const stoppedBy = async (fleet: RolloutFleet, rolloutId: string) =>
  (await fleet.rolloutOf(rolloutId)).stage.context.stopped;

export const withRules = (rules: Partial<typeof RULES>) => ({ ...REQUEST, rules: { ...RULES, ...rules } });

/** How many offers of a version the site's deployments have had. */
export async function offersOf({ log }: RolloutFleet, systemId: string, version: string): Promise<number> {
  const facts = await log.readSite({ systemId, types: ['DeploymentOffered'], until: new Date('2030-01-01') });
  return facts.filter(({ fact }) => (fact.data as { readonly version: string }).version === version).length;
}
