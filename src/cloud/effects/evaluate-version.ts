import type { EffectAnswer, EffectHandler, EffectRun } from '../../actors/effect-handler.ts';
import { streamId } from '../../events/stream-id.ts';
import { type EvaluationCommand, evaluation } from '../../machines/evaluation.ts';
import type { LeasedEffect } from '../../ports/effect-queue.ts';
import { EvaluationRefused } from '../../ports/evaluator.ts';
import { TelemetryUnfit } from '../../ports/telemetry.ts';
import type { CloudDependencies, TrainingDependencies } from '../dependencies.ts';
import { evaluationOrder, resultOf } from '../evaluation-order.ts';
import { cloudOrigin, type LoadedEvaluation, loadEvaluation, loadSite } from '../streams.ts';
import { readVersionFile } from '../version-artifact.ts';
import { evaluationEffect } from './effect-data.ts';

/** A process that dies twice on the same artifact will die again. */
const MAX_ATTEMPTS = 3;
const MAX_REASON = 1000;

const failed = (code: string, reason: string): EvaluationCommand => ({
  type: 'fail',
  code,
  reason: reason.slice(0, MAX_REASON),
});

function requestIn({ stage, streamId: id }: LoadedEvaluation) {
  const { request } = stage.context;
  if (request === null) throw new Error(`stream ${id} is empty`);
  return request;
}

/** Evaluates on whichever node has the lease; a node that dies leaves it to another, which begins anew. */
export function evaluateVersion(cloud: TrainingDependencies): EffectHandler {
  const { actors, artifacts, evaluator } = cloud;

  const load = (effect: LeasedEffect) => loadEvaluation(actors, evaluationEffect(effect).evaluationId);

  function answer(loaded: LoadedEvaluation, command: EvaluationCommand, effect: LeasedEffect): EffectAnswer {
    const request = requestIn(loaded);
    const origin = cloudOrigin(request, request.evaluationId, effect.key);
    const append = actors.prepare(evaluation, loaded, command, origin);
    return { kind: 'commit', appends: append === null ? [] : [append] };
  }

  async function outcome(
    { systemId, version, artifact, ...days }: ReturnType<typeof requestIn>,
    { signal, progress, logger }: EffectRun,
  ): Promise<EvaluationCommand> {
    const { settings } = (await loadSite(actors, systemId)).stage.context;
    if (settings === null) throw new Error(`evaluation of unregistered site ${systemId}`);
    const bytes = await readVersionFile(artifacts, version, artifact.checksum);
    if ('code' in bytes) return failed(bytes.code, bytes.message);
    const order = await evaluationOrder(cloud, systemId, settings, days);
    const found = await evaluator.evaluate({ ...order, artifact: bytes }, signal, progress, logger);
    return { type: 'complete', result: resultOf(found) };
  }

  return {
    maxAttempts: MAX_ATTEMPTS,
    async handle(effect, run): Promise<EffectAnswer> {
      const loaded = await load(effect);
      if (loaded.stage.state !== 'requested') return { kind: 'done' };
      try {
        return answer(loaded, await outcome(requestIn(loaded), run), effect);
      } catch (error) {
        if (error instanceof EvaluationRefused || error instanceof TelemetryUnfit)
          return answer(loaded, failed(error.code, error.message), effect);
        throw error;
      }
    },
    giveUp: async (effect, error) =>
      answer(await load(effect), failed('evaluation-crashed', error.message), effect),
  };
}

/** Interrupts the work on a cancelled evaluation. */
export function stopEvaluation({ queue }: Pick<CloudDependencies, 'queue'>): EffectHandler {
  return {
    async handle(effect): Promise<EffectAnswer> {
      const { evaluationId } = evaluationEffect(effect);
      await queue.cancel(streamId('evaluation', evaluationId), 'evaluate-version');
      return { kind: 'done' };
    },
  };
}
