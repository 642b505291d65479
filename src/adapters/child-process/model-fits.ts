import type { Logger } from 'pino';
import {
  type ModelFitRequest,
  type ModelFits,
  type TrainingProgress,
  TrainingRefused,
} from '../../ports/trainer.ts';
import { COMPILE_CACHE_VARIABLE } from './order-process.ts';
import { createOrderRunner } from './run-order.ts';

export interface ProcessModelFitsOptions {
  /** Module that calls `serveFitApart`; it is run in a new process for every fit. */
  readonly entry: URL;
  readonly logger: Logger;
  /** Most memory of one fit in MB, native memory included; 768 by default. */
  readonly memoryMb?: number;
  /** Folder for compiled code, shared by all processes. */
  readonly compileCache?: string;
}

/** What a model's own process may take, and the rows, which it builds by itself. */
const DEFAULT_MEMORY_MB = 768;

/** Fits single models of trainings, each in a process of its own. How many run at once is the caller's to decide. */
export const createProcessModelFits = (options: ProcessModelFitsOptions): ModelFits => {
  const { entry, logger, memoryMb = DEFAULT_MEMORY_MB, compileCache } = options;
  const runner = createOrderRunner<ModelFitRequest, TrainingProgress, Uint8Array>({
    ...{ work: 'fit', entry, logger, memoryMb },
    variables: compileCache === undefined ? {} : { [COMPILE_CACHE_VARIABLE]: compileCache },
    refused: (code, message) => new TrainingRefused(code, message),
  });
  return { fit: runner.run, close: runner.close };
};
