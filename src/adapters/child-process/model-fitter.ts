import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import type { FeatureLayout } from '../../forecasting/features/layout.ts';
import type { FitAnswer, FitModel, FitOrder } from '../../forecasting/fit-model.ts';
import { numericView, type TrainingRows } from '../../forecasting/models/member.ts';
import { createOrderRunner, type OrderRunner } from './run-order.ts';
import { createTurns } from './turns.ts';

/** A {@link FitOrder} as it is sent: without what the rows' inputs tell anyway. */
export interface SentFit extends Omit<FitOrder, 'rows'> {
  readonly systemId: string;
  readonly rows: SentRows;
}

interface SentRows extends Omit<TrainingRows, 'view' | 'count'> {
  readonly layout: FeatureLayout;
  /** [rows × F] */
  readonly inputs: Float32Array;
}

const sentRows = ({ view, origins, targets }: TrainingRows): SentRows => ({
  layout: view.layout,
  inputs: view.input.data,
  origins,
  targets,
});

/** The rows as they were before they were sent. */
export const receivedRows = ({ layout, inputs, origins, targets }: SentRows): TrainingRows => ({
  count: origins.length,
  origins,
  targets,
  view: numericView(layout, inputs, origins.length),
});

/** Share of a fit that is done, and its loss. */
export interface FitProgress {
  readonly share: number;
  readonly loss?: number | undefined;
}

export interface ModelFitterOptions {
  readonly systemId: string;
  /** Module that calls `serveModelFit`; it is run in a new process for every fit. */
  readonly entry: URL;
  readonly logger: Logger;
  /** Fits the models that are too cheap for a process of their own. */
  readonly here: FitModel;
  /** Most memory of one fit in MB, native memory included; 512 by default. */
  readonly memoryMb?: number | undefined;
  /** Fits that run at the same time; as many as there are processors by default. */
  readonly atOnce?: number | undefined;
}

const DEFAULT_MEMORY_MB = 512;

/** A process costs these more than the fit does, and nothing in them can end a process. */
const CHEAP: ReadonlySet<string> = new Set(['linear', 'profile']);

/**
 * Fits each model in a process of its own, some at once: one that crashes, hangs or passes its memory limit fails
 * alone, and cancelling ends it at once.
 */
export function createModelFitter(options: ModelFitterOptions): FitModel {
  const { systemId, entry, logger, here, memoryMb = DEFAULT_MEMORY_MB } = options;
  const turns = createTurns(options.atOnce ?? availableParallelism());
  const runnerOf = (model: string): OrderRunner<SentFit, FitProgress, FitAnswer> =>
    createOrderRunner({
      ...{ work: `fit of ${model}`, entry, logger, memoryMb },
      refused: (_code, message) => new Error(message),
    });
  return (order, hooks) => {
    if (CHEAP.has(order.model)) return here(order, hooks);
    const { signal, onProgress } = hooks;
    const runner = runnerOf(order.model);
    const sent = (): SentFit => ({ ...order, systemId, rows: sentRows(order.rows) });
    const report = ({ share, loss }: FitProgress): void => onProgress(share, loss);
    return turns.take(() => runner.run(sent(), report, signal), signal);
  };
}
