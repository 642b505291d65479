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

/** Regressions of a design, one for each lead. */
interface ByLead {
  /** [48 × columns] */
  readonly coefficients: Float32Array;
  /** [48] */
  readonly intercepts: Float32Array;
}

/** Fitted regressions of a design. */
export interface RidgeState extends ByLead {
  /** Of what is known ahead, shared by all leads; empty where the site's layout has nothing to tell. */
  readonly ahead: Float32Array;
}

/** [N, 48] from features [N, 48, columns] and coefficients that broadcast with them. */
const weightedSum = <T>(g: Algebra<T>, features: T, coefficients: Float32Array, shape: number[]): T =>
  g.reshape(g.sum(g.mul(features, g.constant(coefficients, shape)), 2), [HORIZON_HOURS]);

/** Change against the base in units of the row's level, as the regressions by lead have it, [N, 48]. */
function changeByLead<T>(g: Algebra<T>, features: T, state: ByLead): T {
  const columns = state.coefficients.length / HORIZON_HOURS;
  const sum = weightedSum(g, features, state.coefficients, [HORIZON_HOURS, columns]);
  return g.add(sum, g.constant(state.intercepts, [HORIZON_HOURS]));
}

/** A design with all that it is fitted to; values are in units of the level, one a row and lead. */
interface Problem {
  readonly design: RidgeDesign;
  /** Load less the base; NaN where it was not measured. [N × 48] */
  readonly change: Float64Array;
  /** [N, 48, columns] */
  readonly features: Tensor;
  readonly ahead: Tensor | null;
}

function problemOf(design: RidgeDesign, { view, targets }: TrainingRows): Problem {
  const base = design.base(numeric, view).data;
  const scale = view.lags.scale.data;
  return {
    design,
    change: Float64Array.from(
      targets,
      (load, i) => (load - (base[i] as number)) / (scale[Math.floor(i / HORIZON_HOURS)] as number),
    ),
    features: design.features(numeric, view),
    ahead: knownAhead(numeric, view),
  };
}

/** The rows of `positions` whose target is known. */
function regress(x: Tensor, target: Float64Array, positions: Iterable<number>, penalty: number) {
  const columns = x.shape[2] ?? 1;
  const inputs: Float64Array[] = [];
  const targets: number[] = [];
  for (const i of positions) {
    const value = target[i] as number;
    if (Number.isNaN(value)) continue;
    inputs.push(Float64Array.from(x.data.subarray(i * columns, (i + 1) * columns)));
    targets.push(value);
  }
  return robustRidge(inputs, targets, penalty);
}

const less = (values: Float64Array, other: ArrayLike<number>): Float64Array =>
  values.map((value, i) => value - (other[i] as number));

function* everyLead(rows: number, lead: number): Generator<number> {
  for (let r = 0; r < rows; r++) yield r * HORIZON_HOURS + lead;
}

/** The regressions of all leads on `change`. */
function fitLeads({ design, features }: Problem, change: Float64Array, onLead: () => void): ByLead {
  const columns = features.shape[2] ?? 1;
  const coefficients = new Float32Array(HORIZON_HOURS * columns);
  const intercepts = new Float32Array(HORIZON_HOURS);
  for (let lead = 0; lead < HORIZON_HOURS; lead++) {
    onLead();
    const leads = everyLead(change.length / HORIZON_HOURS, lead);
    const fit = regress(features, change, leads, design.penalty);
    coefficients.set(fit.coefficients, lead * columns);
    intercepts[lead] = fit.intercept;
  }
  return { coefficients, intercepts };
}

/** Low: what the site's people say of an hour is rarely by chance. */
const AHEAD_PENALTY = 0.02;

/**
 * Coefficients of what is known ahead on what the regressions by lead leave over. The intercept is left out: an
 * hour of which nothing is known ahead keeps its forecast.
 */
function fitAhead(ahead: Tensor, { change, features }: Problem, byLead: ByLead): Float32Array {
  const over = less(change, changeByLead(numeric, features, byLead).data);
  return Float32Array.from(regress(ahead, over, over.keys(), AHEAD_PENALTY).coefficients);
}

/**
 * Fits the design's regressions, one for each lead, and what is known ahead: each on what the other leaves over,
 * twice in turn (backfitting; Hastie and Tibshirani, Generalized Additive Models, 1990).
 * @throws {TooFewRows}
 */
export function fitByLead(
  design: RidgeDesign,
  rows: TrainingRows,
  { signal, onProgress }: Pick<FitOptions, 'signal' | 'onProgress'>,
): RidgeState {
  requireTargets(rows);
  const problem = problemOf(design, rows);
  const { change, ahead } = problem;
  let done = 0;
  const fitOn = (values: Float64Array): ByLead =>
    fitLeads(problem, values, () => {
      signal.throwIfAborted();
      done++;
      onProgress(Math.min(1, done / HORIZON_HOURS));
    });
  const first = fitOn(change);
  if (ahead === null) return { ...first, ahead: new Float32Array(0) };
  const told = fitAhead(ahead, problem, first);
  if (told.every((b) => b === 0)) return { ...first, ahead: told };
  const second = fitOn(less(change, weightedSum(numeric, ahead, told, [told.length]).data));
  return { ...second, ahead: fitAhead(ahead, problem, second) };
}

/** The design with fitted regressions. */
export function ridgeModel(design: RidgeDesign, state: RidgeState): FittedModel {
  return {
    forecast(g, view) {
      const byLead = changeByLead(g, design.features(g, view), state);
      const ahead = knownAhead(g, view);
      const more = ahead === null ? null : weightedSum(g, ahead, state.ahead, [state.ahead.length]);
      const change = more === null ? byLead : g.add(byLead, more);
      return g.add(design.base(g, view), g.mul(change, view.lags.scale));
    },
  };
}
