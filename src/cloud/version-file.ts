import { streamId } from '../events/stream-id.ts';
import type { TrainingJobFact } from '../events/training-job.ts';
import type { ArtifactRef, ModelType } from '../events/values.ts';
import type { EventLog } from '../ports/event-log.ts';

/** What a job's evaluation says of its version. */
export type Evaluated = Extract<TrainingJobFact, { type: 'ModelEvaluated' }>['data'];

/** What is known of a version of a site, from the log itself: lists may not have caught up. Null for none. */
export async function evaluationOf(
  log: Pick<EventLog, 'lookup' | 'readStream'>,
  systemId: string,
  version: string,
): Promise<Evaluated | null> {
  const jobId = await log.lookup('model-version', `${systemId}/${version}`);
  const facts = jobId === null ? [] : await log.readStream(streamId('training-job', jobId));
  return (
    (facts.find(({ fact }) => fact.type === 'ModelEvaluated')?.fact.data as Evaluated | undefined) ?? null
  );
}

/**
 * The file of one model of a version, or null where it has none. Facts from before every model had a file name
 * the one of the model asked for, at the version's own address.
 */
export function versionFile(evaluated: Evaluated, wanted: ModelType): ArtifactRef | null {
  const listed = evaluated.modelArtifacts?.find(({ modelType }) => modelType === wanted);
  if (listed !== undefined) return listed.artifact;
  return wanted === 'ensemble' || wanted === evaluated.modelType ? evaluated.artifact : null;
}
