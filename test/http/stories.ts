import { randomUUID } from 'node:crypto';
import { createStreamActors, type Origin, type StreamActors } from '../../src/actors/stream-actor.ts';
import { streamId } from '../../src/events/stream-id.ts';
import type { ModelArtifact } from '../../src/events/training-job.ts';
import type { ArtifactRef } from '../../src/events/values.ts';
import { deployment } from '../../src/machines/deployment.ts';
import { type TrainingJobCommand, trainingJob } from '../../src/machines/training-job.ts';
import { systemClocks } from '../../src/ports/clocks.ts';
import type { EventLog } from '../../src/ports/event-log.ts';
import {
  sampleAnswer,
  sampleDataSet,
  sampleDecision,
  sampleEvaluation,
  sampleOffer,
  sampleRequest,
} from '../sample-facts.ts';

/** What happens to jobs and deployments of tenant `acme`, written to a log by their machines. */

export interface ModelStory {
  readonly jobId: string;
  readonly systemId: string;
  readonly version: string;
  readonly artifact?: ArtifactRef;
  readonly modelArtifacts?: readonly ModelArtifact[];
}

const actorsOf = (log: EventLog): StreamActors =>
  createStreamActors({ log, clocks: systemClocks(), newId: randomUUID });

const originOf = (systemId: string): Origin => ({
  actor: 'cloud',
  tenant: 'acme',
  systemId,
  correlationId: 'story',
});

async function tell(log: EventLog, { jobId, systemId }: ModelStory, commands: readonly TrainingJobCommand[]) {
  for (const command of commands) {
    await actorsOf(log).send(trainingJob, streamId('training-job', jobId), command, originOf(systemId));
  }
}

/** A job that has been evaluated, so that its version exists. */
export async function appendModel(log: EventLog, story: ModelStory): Promise<void> {
  const { jobId, systemId, version, artifact = sampleEvaluation.artifact, modelArtifacts } = story;
  const files = modelArtifacts === undefined ? {} : { modelArtifacts: [...modelArtifacts] };
  await tell(log, story, [
    { type: 'request', request: { ...sampleRequest, jobId, systemId } },
    { type: 'record-data', dataSet: sampleDataSet },
    { type: 'record-evaluation', evaluation: { ...sampleEvaluation, version, artifact, ...files } },
  ]);
}

/** What follows on {@link appendModel} when the gate keeps the model back. */
export const appendKept = (log: EventLog, story: ModelStory): Promise<void> =>
  tell(log, story, [
    {
      type: 'keep',
      kept: { version: story.version, reason: 'not-better-than-champion', decision: sampleDecision },
    },
  ]);

/** What follows on {@link appendModel} when it is deployed and the device runs it. */
export async function appendDeployed(
  log: EventLog,
  story: ModelStory,
  deploymentId: string,
  assignment = 1,
): Promise<void> {
  const { jobId, systemId, version } = story;
  const actors = actorsOf(log);
  const stream = streamId('deployment', deploymentId);
  const origin = originOf(systemId);
  await tell(log, story, [
    { type: 'deploy', deployment: { version, deploymentId, decision: sampleDecision } },
  ]);
  const offer = { ...sampleOffer, deploymentId, systemId, version, jobId, assignment };
  await actors.send(deployment, stream, { type: 'offer', offer }, origin);
  const answer = sampleAnswer('message-1', { inferenceMs: 3.2, runningVersion: version });
  await actors.send(
    deployment,
    stream,
    { type: 'answer', status: 'active', answer, overtaken: false },
    origin,
  );
  await tell(log, story, [{ type: 'mirror', deploymentId, outcome: { outcome: 'acked' } }]);
}
