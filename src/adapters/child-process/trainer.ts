import type { Logger } from 'pino';
import {
  type Trainer,
  type TrainingProgress,
  TrainingRefused,
  type TrainingRequest,
  type TrainingResult,
} from '../../ports/trainer.ts';
import { COMPILE_CACHE_VARIABLE } from './order-process.ts';
import { createOrderRunner } from './run-order.ts';
import { limitVariables, type ModelLimits } from './variables.ts';

export interface ProcessTrainerOptions {
  /** Module that calls `serveTraining`; it is run in a new process for every training. */
  readonly entry: URL;
  readonly logger: Logger;
  /** Most memory of one training in MB, native memory included; 1,024 by default. */
  readonly memoryMb?: number;
  /** Of the processes that a training starts for its models. */
  readonly models?: ModelLimits;
  /** Folder for compiled code, shared by all processes. */
  readonly compileCache?: string;
}

const DEFAULT_MEMORY_MB = 1024;

/** Trains each site in a process of its own. How many run at once is the caller's to decide. */
export const createProcessTrainer = ({
  entry,
  logger,
  memoryMb = DEFAULT_MEMORY_MB,
  models = {},
  compileCache,
}: ProcessTrainerOptions): Trainer => {
  const cache = compileCache === undefined ? {} : { [COMPILE_CACHE_VARIABLE]: compileCache };
  const runner = createOrderRunner<TrainingRequest, TrainingProgress, TrainingResult>({
    ...{ work: 'training', entry, logger, memoryMb, variables: { ...limitVariables(models), ...cache } },
    refused: (code, message) => new TrainingRefused(code, message),
  });
  return { train: runner.run, close: runner.close };
};
