import type { SitePlace } from '../../forecasting/calendar/site-calendar.ts';
import type { EventFlag } from '../../forecasting/features/event-flags.ts';
import { MODELS_APART, type ModelApart } from '../../forecasting/fit-apart.ts';
import { checksumOf } from '../../ports/artifact-store.ts';
import type { EffectProgress, LeasedEffect } from '../../ports/effect-queue.ts';
import type { FitOutcome } from '../../ports/fitted-models.ts';
import type { FittedModel, TrainingProgress } from '../../ports/trainer.ts';
import type { Sharing, TrainingDependencies } from '../dependencies.ts';
import { stepsOf } from './progress-board.ts';

/** After whole jobs, of whichever tenant: a job that waits gains more by a node than one that runs already. */
const PRIORITY = -1;

/** What a job's fits are asked with; all of it decides what is learnt, so that it is in their keys too. */
export interface FitInputs {
  readonly jobId: string;
  readonly layoutVersion: number;
  readonly place: SitePlace;
  readonly eventFlags: readonly EventFlag[];
}

/** How the fits of a job stand. */
export interface Standing {
  readonly outcomes: ReadonlyMap<string, FitOutcome>;
  /** Fits without an outcome that no node has. */
  readonly free: readonly string[];
  /** Fits without an outcome that nobody will do any more: cancelled, dead or forgotten. */
  readonly lost: readonly string[];
  /** Whether any fit is done, or under way at some node. */
  readonly isBegun: boolean;
}

/** The fits of one job, each an effect. The same for every node that trains it by the same settings of its site. */
export interface SharedFits {
  readonly keys: readonly string[];
  /** Enqueues them; those that are known already are left as they are. */
  offer(): Promise<void>;
  withdraw(): Promise<void>;
  /** Asks how they stand, and reports their progress. */
  look(): Promise<Standing>;
  /** What was learnt. Throws `ArtifactMissing` or `ArtifactCorrupt`. */
  collect(outcomes: Standing['outcomes']): Promise<readonly FittedModel[]>;
}

const allDone = (model: ModelApart): readonly TrainingProgress[] => [
  { stage: 'fit', model, share: 1 },
  { stage: 'refit', model, share: 1 },
];

function standing(
  keys: readonly string[],
  live: ReadonlyMap<string, EffectProgress>,
  outcomes: Standing['outcomes'],
): Standing {
  const open = keys.filter((key) => !outcomes.has(key));
  const stateOf = (key: string) => live.get(key)?.state ?? 'dead';
  return {
    outcomes,
    free: open.filter((key) => ['waiting', 'retrying'].includes(stateOf(key))),
    lost: open.filter((key) => stateOf(key) === 'dead'),
    isBegun: outcomes.size > 0 || open.some((key) => stateOf(key) === 'running'),
  };
}

export function sharedFitsOf(
  { queue, artifacts }: TrainingDependencies,
  { fitted }: Pick<Sharing, 'fitted'>,
  { key: training, streamId, tenant }: LeasedEffect,
  inputs: FitInputs,
  report: (step: TrainingProgress) => void,
): SharedFits {
  const digest = checksumOf(Buffer.from(JSON.stringify(inputs))).slice(-12);
  const models = new Map<string, ModelApart>(
    MODELS_APART.map((model) => [`${training}/${model}-${digest}`, model]),
  );
  const keys = [...models.keys()];
  const effectOf = (key: string, model: ModelApart) => ({
    ...{ key, tenant, priority: PRIORITY },
    effect: { type: 'fit-model', lane: 'slow' as const, data: { ...inputs, model } },
  });
  return {
    keys,
    offer: () =>
      queue.enqueue(
        streamId,
        [...models].map(([key, model]) => effectOf(key, model)),
      ),
    withdraw: () => queue.cancel(streamId, 'fit-model'),
    async look() {
      // In this order: a fit that ends in between is recorded before it leaves the queue.
      const live = new Map((await queue.ofStream(streamId)).map((effect) => [effect.key, effect]));
      const outcomes = await fitted.find(keys);
      const steps = [...models].flatMap(([key, model]) =>
        outcomes.has(key) ? allDone(model) : stepsOf(live.get(key)?.progress),
      );
      for (const step of steps) report(step);
      return standing(keys, live, outcomes);
    },
    collect: (outcomes) =>
      Promise.all(
        [...models].map(async ([key, model]): Promise<FittedModel> => {
          const outcome = outcomes.get(key) ?? { reason: 'its outcome is lost' };
          if ('reason' in outcome) return { model, reason: outcome.reason };
          return { model, state: await artifacts.get(outcome.checksum) };
        }),
      ),
  };
}
