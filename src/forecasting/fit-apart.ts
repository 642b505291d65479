import { createSiteCalendar } from './calendar/site-calendar.ts';
import { decodeDataSet } from './data-set.ts';
import type { FitAnswer, FitModel } from './fit-model.ts';
import type { MemberName } from './models/member.ts';
import type { MemberStates } from './models/members.ts';
import { prepareFit } from './site-fit.ts';
import { fitMembers, trainingRowsOf } from './train-members.ts';
import type { SiteTraining, SiteTrainingOptions } from './training-job.ts';

/** One model of a training, fitted where the training itself is not: in another process, on another host. */

/** Models whose fit is worth another host's while, the dearest first. */
export const MODELS_APART = ['prophet', 'lstm', 'xgboost', 'arima'] as const satisfies readonly MemberName[];

export type ModelApart = (typeof MODELS_APART)[number];

/** The part of a training's request that decides what one of its models learns. */
export interface ApartFit
  extends Pick<
    SiteTraining,
    'seed' | 'zone' | 'ibgeCode' | 'dataSet' | 'warmupHours' | 'imported' | 'eventFlags'
  > {
  readonly model: ModelApart;
}

/** Why a model could not be fitted. */
interface NotFitted {
  readonly reason: string;
}

/** What a model learnt before the test days, and then from the whole window. */
export interface FittedApart {
  readonly model: ModelApart;
  readonly fit: FitAnswer | NotFitted;
  readonly refit: FitAnswer | NotFitted;
}

/** Models that build on the linear one, which costs less to fit again than to send. */
const ON_LINEAR: ReadonlySet<MemberName> = new Set(['lstm', 'xgboost']);

function answerOf(
  model: ModelApart,
  { states, failures, fitTimes }: Awaited<ReturnType<typeof fitMembers>>,
): FitAnswer | NotFitted {
  const failure = failures.find((one) => one.model === model);
  if (failure !== undefined) return { reason: failure.reason };
  const cpuSeconds = fitTimes[model]?.cpuSeconds ?? 0;
  return { states: { [model]: states[model] }, cpuSeconds, elsewhere: true };
}

/**
 * Fits one model as the training of the same request would, to the last bit. A model that cannot be fitted is an
 * answer too. Rejects with `CannotTrain` when the window is too short, or with the signal's reason.
 */
export async function fitApart(
  request: ApartFit,
  options: Omit<SiteTrainingOptions, 'loadModel'>,
): Promise<FittedApart> {
  const { model, seed } = request;
  const { signal, onProgress } = options;
  const fit = prepareFit({
    ...{ series: decodeDataSet(request.dataSet), calendar: createSiteCalendar(request), seed, signal },
    ...{ warmupHours: request.warmupHours, eventFlags: request.eventFlags ?? [], onProgress },
    ...{ openGraph: options.openGraph, fitModel: options.fitModel },
    choice: { modelType: model, members: 'all' },
  });

  async function learn(stage: 'fit' | 'refit', until: number, earlier: MemberStates) {
    const rows = trainingRowsOf(fit.series, fit.inputs, fit.plan.windowStart, until);
    return fitMembers(rows, {
      ...{ seed, signal, earlier, fitModel: fit.fitModel },
      models: ON_LINEAR.has(model) ? ['linear', model] : [model],
      onProgress: (name, share, loss) => {
        if (name === model) onProgress({ stage, model, share, ...(loss === undefined ? {} : { loss }) });
      },
    });
  }

  const first = await learn('fit', fit.plan.testStart, {});
  const answer = answerOf(model, first);
  if ('reason' in answer) return { model, fit: answer, refit: answer };
  const second = await learn('refit', fit.series.load.length, first.states);
  return { model, fit: answer, refit: answerOf(model, second) };
}

/** Answers for the models that were fitted apart, and asks `others` for the rest. */
export function withFitted(fitted: readonly FittedApart[], others: FitModel): FitModel {
  return async (order, hooks) => {
    const apart = fitted.find(({ model }) => model === order.model);
    if (apart === undefined) return others(order, hooks);
    // Only a refit begins with what was learnt before.
    const answer = order.earlier[apart.model] === undefined ? apart.fit : apart.refit;
    if ('reason' in answer) throw new Error(answer.reason);
    hooks.onProgress(1);
    return answer;
  };
}
