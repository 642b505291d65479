import type { MetricsSummary } from './metrics.ts';
import type { MemberName } from './models/member.ts';

/** What a report shows of a training job or an evaluation beyond its figures. */

/** Figures at leads 1–48, 1–24 and 25–48; null where nothing could be scored. */
export interface ScoresByDay {
  readonly both: MetricsSummary | null;
  readonly first: MetricsSummary | null;
  readonly second: MetricsSummary | null;
}

export interface NamedScores {
  readonly model: MemberName | 'ensemble' | 'naive24' | 'naive168';
  /** What would be deployed, one of the job's models, or what a model must beat. */
  readonly role: 'chosen' | 'member' | 'baseline';
  readonly scores: ScoresByDay;
}

/** Forecasts of some origins, [origins × 48] in kW; NaN where there is no band or nothing was measured. */
export interface ForecastDays {
  /** Epoch ms of each origin, ascending. */
  readonly origins: readonly number[];
  readonly actual: Float64Array;
  readonly forecast: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Sums of |error| and |actual| in kWh, [24 local hours × 48 leads], over origins at every hour of the test days. */
export interface ErrorGrid {
  readonly absolute: Float64Array;
  readonly actual: Float64Array;
}

/** What a report shows of a backtest beyond its figures. */
export interface BacktestDetails {
  /** Forecast of what would be deployed from each local midnight of the test days, by what was known before it. */
  readonly days: ForecastDays;
  readonly models: readonly NamedScores[];
  readonly grid: ErrorGrid;
}

/** What a report shows of an evaluated period. */
export interface EvaluationDetails {
  /** The artifact's forecasts from each local midnight. */
  readonly days: ForecastDays;
  readonly scores: ScoresByDay;
  /** The naive forecasts on the same hours. */
  readonly baselines: readonly NamedScores[];
}
