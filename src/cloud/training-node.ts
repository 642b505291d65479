import { createEffectRunner, type EffectRunnerOptions } from '../actors/effect-runner.ts';
import type { TrainingDependencies } from './dependencies.ts';
import { createTrainingHandlers } from './effect-handlers.ts';

export interface TrainingNodeOptions {
  readonly cloud: TrainingDependencies;
  readonly runner: Pick<EffectRunnerOptions, 'worker' | 'observe' | 'random'>;
  /** Jobs that are trained at a time. */
  readonly trainings: number;
}

/** Starts a node that trains and does nothing else; any number may share the work. Returns how to stop it. */
export function startTrainingNode({ cloud, runner, trainings }: TrainingNodeOptions): () => Promise<void> {
  const { log, queue, clocks, tracing, logger } = cloud;
  const effects = createEffectRunner({
    ...runner,
    ...{ log, queue, clocks, tracing, logger },
    handlers: createTrainingHandlers(cloud),
    concurrency: { quick: 0, slow: trainings },
  });
  effects.start();
  return () => effects.close();
}
