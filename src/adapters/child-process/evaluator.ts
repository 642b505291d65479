import type { Logger } from 'pino';
import type { ArtifactEvaluation, EvaluationProgress } from '../../forecasting/evaluate-artifact.ts';
import type { ReadingsEvaluation } from '../../forecasting/evaluate-readings.ts';
import { EvaluationRefused, type Evaluator } from '../../ports/evaluator.ts';
import { createOrderRunner } from './run-order.ts';
import { createTurns } from './turns.ts';

export interface ProcessEvaluatorOptions {
  /** Module that calls `serveEvaluation`; it is run in a new process for every evaluation. */
  readonly entry: URL;
  readonly logger: Logger;
  /** Most memory of one evaluation in MB, native memory included; 512 by default. */
  readonly memoryMb?: number;
  /** Evaluations that run at the same time, 2 by default; further ones wait in the order they came. */
  readonly atOnce?: number;
}

const DEFAULT_MEMORY_MB = 512;
const DEFAULT_AT_ONCE = 2;

const ignore = (): void => undefined;

/** Evaluates each artifact in a process of its own, a few at a time. */
export const createProcessEvaluator = ({
  entry,
  logger,
  memoryMb = DEFAULT_MEMORY_MB,
  atOnce = DEFAULT_AT_ONCE,
}: ProcessEvaluatorOptions): Evaluator => {
  const turns = createTurns(atOnce);
  const closing = new AbortController();
  const runner = createOrderRunner<ReadingsEvaluation, EvaluationProgress, ArtifactEvaluation>({
    ...{ work: 'evaluation', entry, logger, memoryMb },
    refused: (code, message) => new EvaluationRefused(code, message),
  });
  return {
    evaluate(request, signal, onProgress = ignore, own = logger) {
      const either = AbortSignal.any([signal, closing.signal]);
      return turns.take(() => runner.run(request, onProgress, either, own), either);
    },
    async close() {
      closing.abort(new Error('the evaluator is closed'));
      await runner.close();
    },
  };
};
