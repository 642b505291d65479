import type { EffectAnswer, EffectHandler, EffectRun } from '../../actors/effect-handler.ts';
import type { LeasedEffect } from '../../ports/effect-queue.ts';
import type { FitOutcome } from '../../ports/fitted-models.ts';
import { type ModelFitRequest, TrainingRefused } from '../../ports/trainer.ts';
import type { Sharing, TrainingDependencies } from '../dependencies.ts';
import { loadJob, requestOf } from '../streams.ts';
import { fitEffect } from './effect-data.ts';
import { progressBoard } from './progress-board.ts';

/** A fit that ends its process thrice would do so a fourth time. */
const MAX_ATTEMPTS = 3;
/** How long a fit that another version of the program asked for is left to nodes of that version. */
const OTHER_VERSION_MS = 30_000;
const MAX_REASON = 500;

const notFitted = ({ message }: Error): FitOutcome => ({ reason: message.slice(0, MAX_REASON) });

/** Fits one model of a job that any node trains. What it learnt, or why it did not, is recorded for that training. */
export function fitModel(cloud: TrainingDependencies, { fits, fitted }: Sharing): EffectHandler {
  const { actors, artifacts, layoutVersion } = cloud;

  async function outcomeOf(
    request: ModelFitRequest,
    { progress, signal, logger }: EffectRun,
  ): Promise<FitOutcome> {
    try {
      const learnt = await fits.fit(request, progressBoard(progress), signal, logger);
      return { checksum: (await artifacts.put(learnt)).checksum };
    } catch (error) {
      if (error instanceof TrainingRefused) return notFitted(error);
      throw error;
    }
  }

  /** The fit as it is asked of a process; null when nobody needs it any more. */
  async function requestOfFit(effect: LeasedEffect): Promise<ModelFitRequest | null> {
    const { jobId, model, place, eventFlags } = fitEffect(effect);
    const job = await loadJob(actors, jobId);
    const { dataSet } = job.stage.context;
    const isKnown = (await fitted.find([effect.key])).size > 0;
    if (job.stage.state !== 'training' || dataSet === null || isKnown) return null;
    const { systemId, seed } = requestOf(job);
    const { warmupHours, checksum } = dataSet;
    const bytes = await artifacts.get(checksum);
    return { systemId, seed, model, ...place, eventFlags, warmupHours, dataSet: bytes };
  }

  return {
    maxAttempts: MAX_ATTEMPTS,
    async handle(effect, run): Promise<EffectAnswer> {
      if (fitEffect(effect).layoutVersion !== layoutVersion)
        return { kind: 'again', afterMs: OTHER_VERSION_MS };
      const request = await requestOfFit(effect);
      if (request !== null) await fitted.record(effect.key, await outcomeOf(request, run));
      return { kind: 'done' };
    },
    async giveUp({ key }, error): Promise<EffectAnswer> {
      await fitted.record(key, notFitted(error));
      return { kind: 'done' };
    },
  };
}
