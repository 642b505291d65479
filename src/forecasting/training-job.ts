import type { SpecialDay } from './calendar/special-days.ts';
import type { ChampionFile } from './champion.ts';
import type { BacktestDetails } from './details.ts';
import type { Weights } from './ensemble/weights.ts';
import type { EventFlag } from './features/event-flags.ts';
import type { FitModel } from './fit-model.ts';
import type { GateMetric, UnseenComparison } from './gate.ts';
import type { Choice, ErrorProfile, Evaluation, ModelType } from './gate-fit.ts';
import type { OpenGraph } from './graph-runner.ts';
import type { LoadModel } from './inference.ts';
import type { MetricsSummary } from './metrics.ts';
import type { MemberName } from './models/member.ts';
import type { StageTime } from './stage-times.ts';

/** What a training job is asked and what it answers. */

/** All that decides a run: the same request gives the same bytes on the same type of machine. */
export interface SiteTraining extends Choice {
  readonly systemId: string;
  readonly version: string;
  readonly seed: number;
  readonly zone: string;
  readonly ibgeCode: string | null;
  /** Cleaned series as `encodeDataSet` writes it. */
  readonly dataSet: Uint8Array;
  readonly warmupHours: number;
  readonly champion: ChampionFile | null;
  /** Days that the operator named, beside those known of the place. */
  readonly imported?: readonly SpecialDay[];
  /** Hours that the site's people marked; none when absent. */
  readonly eventFlags?: readonly EventFlag[];
  /** Whether the result is to carry what a report shows. */
  readonly details?: boolean;
}

export interface SiteTrainingProgress {
  readonly stage: 'fit' | 'backtest' | 'refit' | 'export' | 'parity';
  readonly model: string | null;
  /** 0 to 1, of this model and stage. */
  readonly share: number;
  readonly loss?: number;
}

export interface SiteTrainingOptions {
  readonly loadModel: LoadModel;
  readonly openGraph: OpenGraph;
  /** Fits the models; in this process by default. */
  readonly fitModel?: FitModel | undefined;
  readonly onProgress: (progress: SiteTrainingProgress) => void;
  readonly signal: AbortSignal;
}

/** What became of one model: its weight in what is exported and its figures in the backtest. */
export interface MemberReport {
  readonly model: string;
  readonly outcome: 'trained' | 'failed';
  readonly reason?: string;
  readonly weight: number;
  readonly metrics: MetricsSummary | null;
}

/** A file that the job publishes, and what its model scored in the backtest. */
export interface PublishedModel {
  readonly modelType: ModelType;
  readonly artifact: Uint8Array;
  readonly metrics: MetricsSummary;
}

export interface SiteTrainingResult {
  /** The file of the model that was asked for. */
  readonly artifact: Uint8Array;
  /** That file and all others of this version: the ensemble's and one for each model that may be deployed. */
  readonly modelArtifacts: readonly PublishedModel[];
  readonly layoutVersion: number;
  readonly members: readonly MemberReport[];
  /** What the gate judges by: WAPE where the load runs below zero and percentages of hours mean nothing. */
  readonly gateMetric: GateMetric;
  readonly metrics: MetricsSummary;
  readonly seasonalNaive: MetricsSummary;
  /** Errors of the model that was asked for in the backtest, by lead time and by local hour. */
  readonly errorProfile: ErrorProfile;
  readonly comparison: UnseenComparison | null;
  readonly trainedUntil: string;
  readonly cpuSeconds: number;
  /** Where that time went. */
  readonly timings: readonly StageTime[];
  /** Only when asked for. */
  readonly details?: BacktestDetails;
}

/** A model, or the champion, that could not do its part, and why. */
export interface Failure {
  readonly model: string;
  readonly reason: string;
}

const failed = (model: string, reason: string): MemberReport => ({
  model,
  outcome: 'failed',
  reason: reason.slice(0, 500),
  weight: 0,
  metrics: null,
});

/** Every model of the job with its outcome; one that failed twice is told once. */
export function reportsOf(
  evaluation: Evaluation,
  weights: Weights,
  failures: readonly Failure[],
): MemberReport[] {
  const reasons = new Map(failures.toReversed().map(({ model, reason }) => [model, reason]));
  const scored = Object.entries(evaluation.byModel) as [MemberName, MetricsSummary][];
  const trained = scored
    .filter(([model]) => !reasons.has(model))
    .map(([model, metrics]) => ({
      model,
      outcome: 'trained' as const,
      weight: weights[model] ?? 0,
      metrics,
    }));
  return [...trained, ...[...reasons].map(([model, reason]) => failed(model, reason))];
}
