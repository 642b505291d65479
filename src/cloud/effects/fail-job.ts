import type { EffectAnswer } from '../../actors/effect-handler.ts';
import { trainingJob } from '../../machines/training-job.ts';
import type { LeasedEffect } from '../../ports/effect-queue.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { cloudOrigin, loadJob, requestOf } from '../streams.ts';
import { jobEffect } from './effect-data.ts';

const MAX_REASON = 1000;

/** The answer of an effect whose job cannot go on: the job fails and says why. */
export async function failJob(
  { actors }: Pick<CloudDependencies, 'actors'>,
  effect: LeasedEffect,
  code: string,
  reason: string,
): Promise<EffectAnswer> {
  const job = await loadJob(actors, jobEffect(effect).jobId);
  const request = requestOf(job);
  const command = { type: 'fail', code, reason: reason.slice(0, MAX_REASON) } as const;
  const append = actors.prepare(trainingJob, job, command, cloudOrigin(request, request.jobId, effect.key));
  return { kind: 'commit', appends: append === null ? [] : [append] };
}
