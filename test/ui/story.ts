import type { RecordedFact } from '../../src/events/envelope.ts';
import { deployment } from '../../src/machines/deployment.ts';
import type { Lifecycle } from '../../src/machines/lifecycle.ts';
import { trainingJob } from '../../src/machines/training-job.ts';
import { sampleDataSet, sampleDecision, sampleEvaluation, sampleOffer } from '../sample-facts.ts';

/** A job from its request to its ack, and its deployment, as facts that the machines accept. */

export const SYSTEM_ID = 'bess-456';
export const JOB_ID = '01JOB';
export const DEPLOYMENT_ID = '01DEP';
export const HOSTILE_TEXT = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

const decision = {
  ...sampleDecision,
  challenger: 0.0421,
  seasonalNaive: 0.079,
  comparison: {
    championVersion: '1.2.0',
    championDeploymentId: '01OLD',
    unseenDays: 7,
    championMape: 0.0486,
    challengerMape: 0.043,
    gain: 0.115,
    gainLower90: 0.062,
    gainUpper90: 0.161,
  },
};

const jobFacts: readonly (readonly [type: string, data: unknown])[] = [
  [
    'JobRequested',
    {
      jobId: JOB_ID,
      systemId: SYSTEM_ID,
      tenant: 't1',
      modelType: 'ensemble',
      members: 'all',
      trainingWindowDays: 90,
      forceRedeploy: false,
      trigger: 'manual',
      seed: 7,
      idempotencyKey: HOSTILE_TEXT,
    },
  ],
  ['DataCollected', { dataSet: sampleDataSet }],
  ['ModelEvaluated', { ...sampleEvaluation, version: '1.3.0' }],
  ['JobDeployed', { deploymentId: DEPLOYMENT_ID, decision }],
  ['JobAcked', { deploymentId: DEPLOYMENT_ID }],
];

const answer = { messageId: 'm1', deviceId: 'd1', assignment: 4, runningVersion: '1.3.0', inferenceMs: 3.2 };

const deploymentFacts: readonly (readonly [type: string, data: unknown])[] = [
  ['DeploymentOffered', { ...sampleOffer, deploymentId: DEPLOYMENT_ID, expires: '2026-01-12T06:00:00Z' }],
  ['DeploymentActivated', { answer }],
];

function record(streamId: string, machine: Lifecycle) {
  return ([type, data]: readonly [string, unknown], i: number): RecordedFact => ({
    streamId,
    version: i + 1,
    eventId: `${streamId}-${i}`,
    fact: { type, data },
    metadata: {
      actor: 'user-7f',
      tenant: 't1',
      systemId: SYSTEM_ID,
      correlationId: JOB_ID,
      machine: `${machine.name}@${machine.version}`,
      schema: 1,
      at: new Date(Date.UTC(2026, 0, 5, 6, i * 2)).toISOString(),
    },
    recordedAt: '2026-01-05T06:00:00.000Z',
  });
}

export const jobStory = jobFacts.map(record(`training-job-${JOB_ID}`, trainingJob));
export const deploymentStory = deploymentFacts.map(record(`deployment-${DEPLOYMENT_ID}`, deployment));

/** The state after the facts. */
export const stateAfter = (machine: Lifecycle, facts: readonly RecordedFact[]): string =>
  machine.replay(facts.map(({ fact }) => fact)).state;
