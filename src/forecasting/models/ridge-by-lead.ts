import { HORIZON_HOURS } from '../horizon.ts';
import type { Algebra } from '../tensor/algebra.ts';
import { numeric, type Tensor } from '../tensor/numeric.ts';
import { knownAhead } from './known-ahead.ts';
import { robustRidge } from './least-squares.ts';
import {
  type FitOptions,
  type FittedModel,
  type ModelView,
  requireTargets,
  type TrainingRows,
} from './member.ts';

/**
 * A regression for each lead on top of something known: forecast = base + scale · (intercept + features · b). What
 * that leaves over is explained, as far as it can be, by what the site knows ahead of the forecast hours, with
 * coefficients that all leads share: a flagged stop is far too rare to be learnt lead by lead.
 */
export interface RidgeDesign {
  /** What the regression starts from, [N, 48] in kW. */
  base<T>(g: Algebra<T>, view: ModelView<T>): T;
  /** In units of the row's level, [N, 48, columns]. */
  features<T>(g: Algebra<T>, view: ModelView<T>): T;
  /** Penalty relative to the number of rows. */
  readonly penalty: number;
}

function fitLead(design: RidgeDesign, rows: TrainingRows, base: Tensor, features: Tensor, lead: number) {
  const columns = features.shape[2] ?? 1;
  const scale = rows.view.lags.scale.data;
  const inputs: Float64Array[] = [];
  const targets: number[] = [];
  for (let r = 0; r < rows.count; r++) {
    const at = r * HORIZON_HOURS + lead;
    const change = ((rows.targets[at] as number) - (base.data[at] as number)) / (scale[r] as number);
    if (Number.isNaN(change)) continue;
    inputs.push(Float64Array.from(features.data.subarray(at * columns, (at + 1) * columns)));
    targets.push(change);
  }
  return robustRidge(inputs, targets, design.penalty);
}

/** Fitted regressions of a design. */
export interface RidgeState {
  /** [48 × columns] */
  readonly coefficients: Float32Array;
  /** [48] */
  readonly intercepts: Float32Array;
  /** Of what is known ahead, shared by all leads; empty where the site's layout has nothing to tell. */
  readonly ahead: Float32Array;
}

/** [N, 48] from features [N, 48, columns] and coefficients that broadcast with them. */
const weightedSum = <T>(g: Algebra<T>, features: T, coefficients: Float32Array, shape: number[]): T =>
  g.reshape(g.sum(g.mul(features, g.constant(coefficients, shape)), 2), [HORIZON_HOURS]);

/** Change against the base in units of the row's level, as the regressions by lead have it, [N, 48]. */
function changeByLead<T>(g: Algebra<T>, features: T, state: Omit<RidgeState, 'ahead'>): T {
  const columns = state.coefficients.length / HORIZON_HOURS;
  const sum = weightedSum(g, features, state.coefficients, [HORIZON_HOURS, columns]);
  return g.add(sum, g.constant(state.intercepts, [HORIZON_HOURS]));
}

/** Low: what the site's people say of an hour is rarely by chance. */
const AHEAD_PENALTY = 0.02;

/** Coefficients of what is known ahead on what the regressions by lead leave over. */
function fitAhead(
  rows: TrainingRows,
  base: Tensor,
  features: Tensor,
  state: Omit<RidgeState, 'ahead'>,
): Float32Array {
  const ahead = knownAhead(numeric, rows.view);
  if (ahead === null) return new Float32Array(0);
  const columns = ahead.shape[2] ?? 1;
  const change = changeByLead(numeric, features, state).data;
  const scale = rows.view.lags.scale.data;
  const inputs: Float64Array[] = [];
  const targets: number[] = [];
  for (let i = 0; i < rows.targets.length; i++) {
    const load = (rows.targets[i] as number) - (base.data[i] as number);
    if (Number.isNaN(load)) continue;
    inputs.push(Float64Array.from(ahead.data.subarray(i * columns, (i + 1) * columns)));
    targets.push(load / (scale[Math.floor(i / HORIZON_HOURS)] as number) - (change[i] as number));
  }
  // Without the intercept: an hour of which nothing is known ahead keeps its forecast.
  return Float32Array.from(robustRidge(inputs, targets, AHEAD_PENALTY).coefficients);
}

/** Fits the design's regressions, one for each lead. @throws {TooFewRows} */
export function fitByLead(
  design: RidgeDesign,
  rows: TrainingRows,
  { signal, onProgress }: Pick<FitOptions, 'signal' | 'onProgress'>,
): RidgeState {
  requireTargets(rows);
  const base = design.base(numeric, rows.view);
  const features = design.features(numeric, rows.view);
  const columns = features.shape[2] ?? 1;
  const coefficients = new Float32Array(HORIZON_HOURS * columns);
  const intercepts = new Float32Array(HORIZON_HOURS);
  for (let lead = 0; lead < HORIZON_HOURS; lead++) {
    signal.throwIfAborted();
    const fit = fitLead(design, rows, base, features, lead);
    coefficients.set(fit.coefficients, lead * columns);
    intercepts[lead] = fit.intercept;
    onProgress((lead + 1) / HORIZON_HOURS);
  }
  const byLead = { coefficients, intercepts };
  return { ...byLead, ahead: fitAhead(rows, base, features, byLead) };
}

/** The design with fitted regressions. */
export function ridgeModel(design: RidgeDesign, state: RidgeState): FittedModel {
  return {
    forecast(g, view) {
      const byLead = changeByLead(g, design.features(g, view), state);
      const ahead = knownAhead(g, view);
      const more =
        ahead === null ? null : weightedSum(g, ahead, state.ahead, [state.ahead.length]);
      const change = more === null ? byLead : g.add(byLead, more);
      return g.add(design.base(g, view), g.mul(change, view.lags.scale));
    },
  };
}
