import type { Origin } from '../actors/stream-actor.ts';
import { streamId } from '../events/stream-id.ts';
import { trainingJob } from '../machines/training-job.ts';
import type { StreamAppend } from '../ports/event-log.ts';
import type { CloudDependencies } from './dependencies.ts';
import { loadJob } from './streams.ts';

/** A job that the cloud starts by itself. */
export interface OwnJob {
  readonly systemId: string;
  readonly tenant: string;
  readonly trainingWindowDays: number;
  readonly trigger: 'weekly' | 'alert';
  readonly weeklySlot?: string;
}

/** The append that starts the job; a site with an unfinished one makes the commit fail with `RegistryConflict`. */
export async function prepareJob(
  { actors, newId, newSeed }: Pick<CloudDependencies, 'actors' | 'newId' | 'newSeed'>,
  wanted: OwnJob,
  origin: Origin,
): Promise<{ readonly jobId: string; readonly appends: readonly StreamAppend[] }> {
  const jobId = newId();
  const stream = { ...(await loadJob(actors, jobId)), streamId: streamId('training-job', jobId) };
  const request = {
    jobId,
    ...wanted,
    ...({ modelType: 'ensemble', members: 'all', forceRedeploy: false } as const),
    seed: newSeed(),
  };
  const about = { ...origin, correlationId: jobId };
  const append = actors.prepare(trainingJob, stream, { type: 'request', request }, about);
  return { jobId, appends: append === null ? [] : [append] };
}
