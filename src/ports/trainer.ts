import type { Logger } from 'pino';
import type { Comparison, MemberOutcome, MetricsData, StageTiming } from '../events/training-job.ts';
import type { ModelType } from '../events/values.ts';
import type { SpecialDay } from '../forecasting/calendar/special-days.ts';
import type { BacktestDetails } from '../forecasting/details.ts';
import type { EventFlag } from '../forecasting/features/event-flags.ts';
import type { ModelApart } from '../forecasting/fit-apart.ts';
import type { ErrorProfile } from '../forecasting/gate-fit.ts';

/** All that decides a training run: same request, same data and same machine type give the same bytes. */
export interface TrainingRequest {
  readonly systemId: string;
  readonly version: string;
  readonly modelType: ModelType;
  readonly members: 'all' | 'documented';
  readonly seed: number;
  readonly zone: string;
  readonly ibgeCode: string | null;
  /** The cleaned data set, as `forecasting` encodes it. */
  readonly dataSet: Uint8Array;
  /** Hours of `dataSet` before the window that only warm up the lags. */
  readonly warmupHours: number;
  /** The model in service, to be compared on the same hours; null when there is none. */
  readonly champion: Champion | null;
  /** Days that the operator named, beside those known of the place. */
  readonly imported?: readonly SpecialDay[];
  /** Hours that the site's people marked; none when absent. */
  readonly eventFlags?: readonly EventFlag[];
  /** Whether the result is to carry what a report shows; facts never do. */
  readonly details?: boolean;
  /** Models that were fitted apart; all others are fitted by the training. */
  readonly fitted?: readonly FittedModel[];
}

/** What came of a model that was fitted apart: bytes that only {@link ModelFits} and the trainer read, or why not. */
export type FittedModel =
  | { readonly model: ModelApart; readonly state: Uint8Array }
  | { readonly model: ModelApart; readonly reason: string };

/** One model of a training: the part of its request that decides what that model learns. */
export interface ModelFitRequest
  extends Pick<
    TrainingRequest,
    'systemId' | 'seed' | 'zone' | 'ibgeCode' | 'dataSet' | 'warmupHours' | 'imported' | 'eventFlags'
  > {
  readonly model: ModelApart;
}

/** Fits single models of a training, here for a training anywhere. */
export interface ModelFits {
  /**
   * What the model learnt, as bytes that no other training gives. Rejects with {@link TrainingRefused} when it cannot
   * be learnt, with the signal's reason when aborted, or with a retryable error. `logger` as in {@link Trainer}.
   */
  fit(
    request: ModelFitRequest,
    onProgress: (progress: TrainingProgress) => void,
    signal: AbortSignal,
    logger?: Logger,
  ): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface Champion {
  readonly version: string;
  readonly deploymentId: string;
  readonly artifact: Uint8Array;
  /** ISO instant after the last hour that the champion was trained on. */
  readonly trainedUntil: string;
}

/** A file of one model type, with what that model scored in the backtest. */
export interface TrainedModel {
  readonly modelType: ModelType;
  readonly artifact: Uint8Array;
  readonly metrics: MetricsData;
}

export interface TrainingResult {
  /** The file of the model that was asked for. */
  readonly artifact: Uint8Array;
  /** That file and all others of this version. */
  readonly modelArtifacts: readonly TrainedModel[];
  readonly layoutVersion: number;
  readonly members: readonly MemberOutcome[];
  /** What the gate judges by: WAPE where the load runs below zero and percentages of hours mean nothing. */
  readonly gateMetric: 'mape' | 'wape';
  readonly metrics: MetricsData;
  readonly seasonalNaive: MetricsData;
  /** Errors in the backtest by lead time and by local hour. */
  readonly errorProfile: ErrorProfile;
  readonly comparison: Comparison | null;
  readonly trainedUntil: string;
  readonly cpuSeconds: number;
  /** Where that time went. */
  readonly timings: readonly StageTiming[];
  /** Only when asked for. */
  readonly details?: BacktestDetails;
}

/** One step of one model or stage; shares are 0 to 1. */
export interface TrainingProgress {
  readonly stage: 'fit' | 'backtest' | 'refit' | 'export' | 'parity';
  readonly model: string | null;
  readonly share: number;
  readonly loss?: number;
}

/** The data or the request cannot be trained; trying again gives the same. */
export class TrainingRefused extends Error {
  override readonly name = 'TrainingRefused';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Trainer {
  /**
   * Rejects with {@link TrainingRefused}, with the signal's reason when aborted, or with a retryable error. What there
   * is to say on the way goes to `logger`, whose lines name the work; to the trainer's own without.
   */
  train(
    request: TrainingRequest,
    onProgress: (progress: TrainingProgress) => void,
    signal: AbortSignal,
    logger?: Logger,
  ): Promise<TrainingResult>;
  close(): Promise<void>;
}
