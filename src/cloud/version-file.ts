import type { TrainingJobFact } from '../events/training-job.ts';
import type { ArtifactRef, ModelType } from '../events/values.ts';

/** What a job's evaluation says of its version. */
export type Evaluated = Extract<TrainingJobFact, { type: 'ModelEvaluated' }>['data'];

/**
 * The file of one model of a version, or null where it has none. Facts from before every model had a file name
 * the one of the model asked for, at the version's own address.
 */
export function versionFile(evaluated: Evaluated, wanted: ModelType): ArtifactRef | null {
  const listed = evaluated.modelArtifacts?.find(({ modelType }) => modelType === wanted);
  if (listed !== undefined) return listed.artifact;
  return wanted === 'ensemble' || wanted === evaluated.modelType ? evaluated.artifact : null;
}
