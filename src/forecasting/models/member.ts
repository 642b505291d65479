import { deriveLags, type Lags } from '../features/lags.ts';
import type { FeatureLayout } from '../features/layout.ts';
import type { OpenGraph } from '../graph-runner.ts';
import { HORIZON_HOURS } from '../horizon.ts';
import type { Algebra } from '../tensor/algebra.ts';
import { numeric, type Tensor, tensorOf } from '../tensor/numeric.ts';

/** Models of a job; `naive24` and `naive168` are baselines only. */
export const MEMBER_NAMES = ['lstm', 'xgboost', 'prophet', 'arima', 'linear', 'profile'] as const;
export type MemberName = (typeof MEMBER_NAMES)[number];

/** What a model reads at the issue time. */
export interface ModelView<T> {
  readonly layout: FeatureLayout;
  /** Raw rows [N, F]. */
  readonly input: T;
  readonly lags: Lags<T>;
}

/** A trained model. */
export interface FittedModel {
  /** Load in kW of the 48 forecast hours, [N, 48]: the same code predicts here and writes the graph. */
  forecast<T>(g: Algebra<T>, view: ModelView<T>): T;
}

/** Rows to learn from: origins of the training window with the 48 hours that followed each. */
export interface TrainingRows {
  readonly count: number;
  /** Hour of each origin, counted from the start of the series, ascending. [count] */
  readonly origins: readonly number[];
  readonly view: ModelView<Tensor>;
  /** Gross load in kW, [count × 48]; NaN where it was not measured. */
  readonly targets: Float32Array;
}

export interface FitOptions<State = unknown, Base = unknown> {
  readonly seed: number;
  /** Share done, 0 to 1, and the training loss where the model has one. */
  readonly onProgress: (share: number, loss?: number) => void;
  /** Checked between steps; a model that trains in steps stops with its reason. */
  readonly signal: AbortSignal;
  /** The linear member as it was fitted to the same rows; null where a model that builds on it has to fit it. */
  readonly base: Base | null;
  /** What an earlier fit of this member to fewer of the same rows learnt; it may begin there. */
  readonly earlier: State | null;
  readonly openGraph: OpenGraph;
}

/**
 * A kind of model that can take part in the ensemble. What it learns is plain data (numbers, text, typed arrays,
 * in objects and lists), so that a model that one process fitted forecasts in another, to the last bit.
 */
export interface Member<State = unknown, Base = unknown> {
  readonly name: MemberName;
  /** Rejects when the rows cannot be learnt from; the job records that and goes on without the model. */
  fit(rows: TrainingRows, options: FitOptions<State, Base>): Promise<State>;
  /** The model that a state describes; a state may have passed through a structured clone. */
  restore(state: State): FittedModel;
}

export function viewOf<T>(g: Algebra<T>, layout: FeatureLayout, input: T): ModelView<T> {
  return { layout, input, lags: deriveLags(g, layout, input) };
}

/** Rows as the models see them. `inputs` is [count × F]. */
export function numericView(layout: FeatureLayout, inputs: Float32Array, count: number): ModelView<Tensor> {
  return viewOf(numeric, layout, tensorOf(inputs, [count, layout.width]));
}

/** Some of the rows, by position, as rows of their own. */
export function subsetOf(rows: TrainingRows, positions: readonly number[]): TrainingRows {
  const { layout, input } = rows.view;
  const inputs = new Float32Array(positions.length * layout.width);
  const targets = new Float32Array(positions.length * HORIZON_HOURS);
  positions.forEach((r, i) => {
    inputs.set(input.data.subarray(r * layout.width, (r + 1) * layout.width), i * layout.width);
    targets.set(rows.targets.subarray(r * HORIZON_HOURS, (r + 1) * HORIZON_HOURS), i * HORIZON_HOURS);
  });
  return {
    count: positions.length,
    origins: positions.map((r) => rows.origins[r] ?? 0),
    view: numericView(layout, inputs, positions.length),
    targets,
  };
}

/** Origins with fewer measured hours than this in all cannot be learnt from. */
class TooFewRows extends Error {
  override readonly name = 'TooFewRows';

  constructor(measured: number, needed: number) {
    super(
      `only ${measured} measured forecast hours to learn from, ${needed} are needed: train on a longer window`,
    );
  }
}

/** Throws `TooFewRows` when fewer than `needed` targets were measured. */
export function requireTargets(rows: TrainingRows, needed = 10 * HORIZON_HOURS): void {
  const measured = rows.targets.reduce((n, y) => n + Number(!Number.isNaN(y)), 0);
  if (measured < needed) throw new TooFewRows(measured, needed);
}
