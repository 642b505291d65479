import { HORIZON_HOURS } from '../horizon.ts';
import type { Algebra } from '../tensor/algebra.ts';
import { numeric, type Tensor } from '../tensor/numeric.ts';
import { ANCHOR_SHARES, ANCHORS, HOURS_OF_DAY, hourOfIssue } from './hour-of-issue.ts';
import { knownAhead } from './known-ahead.ts';
import { type RidgeFit, robustRidge } from './least-squares.ts';
import { type FitOptions, type FittedModel, requireTargets, type TrainingRows } from './member.ts';
import {
  type DesignedRows,
  joinedProblem,
  penaltyOf,
  type RidgeDesign,
  type RidgeProblem,
} from './ridge-problem.ts';

/** Regressions of a design, one for each anchor of the day and lead. */
interface ByLead {
  /** [ANCHORS × 48 × columns] */
  readonly coefficients: Float32Array;
  /** [ANCHORS × 48] */
  readonly intercepts: Float32Array;
}

/** Fitted regressions of a design. */
export interface RidgeState extends ByLead {
  /** Of what is known ahead, shared by all leads; empty where the site's layout has nothing to tell. */
  readonly ahead: Float32Array;
}

/** [N, 48] from features [N, 48, columns] and coefficients that broadcast with them. */
const weightedSum = <T>(g: Algebra<T>, features: T, coefficients: T): T =>
  g.reshape(g.total(g.mul(features, coefficients), 2), [HORIZON_HOURS]);

/** Change against the base in units of the row's level, as the regressions by lead have it, [N, 48]. */
function changeByLead<T>(g: Algebra<T>, features: T, calendar: T, { coefficients, intercepts }: ByLead): T {
  const columns = coefficients.length / intercepts.length;
  const shares = g.matmul(hourOfIssue(g, calendar), g.constant(ANCHOR_SHARES, [HOURS_OF_DAY, ANCHORS]));
  const b = g.matmul(shares, g.constant(coefficients, [ANCHORS, HORIZON_HOURS * columns]));
  const a = g.matmul(shares, g.constant(intercepts, [ANCHORS, HORIZON_HOURS]));
  return g.add(weightedSum(g, features, g.reshape(b, [HORIZON_HOURS, columns])), a);
}

/** Change that is known ahead, [N, 48]. */
const changeAhead = <T>(g: Algebra<T>, ahead: T, coefficients: Float32Array): T =>
  weightedSum(g, ahead, g.constant(coefficients, [coefficients.length]));

/** Regressions on those of `positions` (row · 48 + lead) whose target is known, by anchor. */
function regress(
  x: Tensor,
  target: Float64Array,
  positions: readonly number[],
  hourAt: (position: number) => number,
  penalty: number,
): RidgeFit[] {
  const columns = x.shape[2] ?? 1;
  const known = positions.filter((i) => !Number.isNaN(target[i]));
  const values = new Float64Array(known.length * columns);
  for (let k = 0; k < known.length; k++) {
    const from = (known[k] as number) * columns;
    for (let j = 0; j < columns; j++) values[k * columns + j] = x.data[from + j] as number;
  }
  const targets = Float64Array.from(known, (i) => target[i] as number);
  return robustRidge({ values, columns, targets, hours: Uint8Array.from(known, hourAt) }, penalty);
}

const less = (values: Float64Array, other: ArrayLike<number>): Float64Array =>
  values.map((value, i) => value - (other[i] as number));

const everyLead = (rows: number, lead: number): number[] =>
  Array.from({ length: rows }, (_, r) => r * HORIZON_HOURS + lead);

/** The regressions of all leads on `change`. */
function fitLeads(problem: RidgeProblem, change: Float64Array, onLead: () => void): ByLead {
  const { features, hours } = problem;
  const penalty = penaltyOf(problem);
  const columns = features.shape[2] ?? 1;
  const coefficients = new Float32Array(ANCHORS * HORIZON_HOURS * columns);
  const intercepts = new Float32Array(ANCHORS * HORIZON_HOURS);
  const hourAt = (position: number): number => hours[Math.floor(position / HORIZON_HOURS)] as number;
  for (let lead = 0; lead < HORIZON_HOURS; lead++) {
    onLead();
    const leads = everyLead(change.length / HORIZON_HOURS, lead);
    regress(features, change, leads, hourAt, penalty).forEach((fit, anchor) => {
      const at = anchor * HORIZON_HOURS + lead;
      coefficients.set(fit.coefficients, at * columns);
      intercepts[at] = fit.intercept;
    });
  }
  return { coefficients, intercepts };
}

/** Low: what the site's people say of an hour is rarely by chance. */
const AHEAD_PENALTY = 0.02;

/**
 * Coefficients of what is known ahead on what the regressions by lead leave over, the same at all hours. The
 * intercept is left out: an hour of which nothing is known ahead keeps its forecast.
 */
function fitAhead(ahead: Tensor, { change, features, calendar }: RidgeProblem, byLead: ByLead): Float32Array {
  const over = less(change, changeByLead(numeric, features, calendar, byLead).data);
  const [fit] = regress(ahead, over, Array.from(over.keys()), () => 0, AHEAD_PENALTY);
  return Float32Array.from(fit?.coefficients ?? []);
}

type Hooks = Pick<FitOptions, 'signal' | 'onProgress'>;

/** Fits a design's regressions to rows. @throws {TooFewRows} */
export function fitByLead(design: RidgeDesign, rows: TrainingRows, hooks: Hooks): RidgeState {
  requireTargets(rows);
  return fitSeasons([], { design, rows }, hooks);
}

/**
 * Fits one set of regressions, one for each lead, to rows of several seasons with a design each, and what is known
 * ahead: each on what the other leaves over, twice in turn (backfitting; Hastie and Tibshirani, Generalized
 * Additive Models, 1990). The newest season's design is the one that forecasts.
 */
export function fitSeasons(
  older: readonly DesignedRows[],
  newest: DesignedRows,
  { signal, onProgress }: Hooks,
): RidgeState {
  const problem = joinedProblem(older, newest);
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
  // A site with a sensor and no forecast of its temperature was never told anything ahead.
  if (ahead.data.every((x) => x === 0)) return { ...first, ahead: new Float32Array(ahead.shape[2] ?? 0) };
  const told = fitAhead(ahead, problem, first);
  if (told.every((b) => b === 0)) return { ...first, ahead: told };
  const second = fitOn(less(change, changeAhead(numeric, ahead, told).data));
  return { ...second, ahead: fitAhead(ahead, problem, second) };
}

/** The design with fitted regressions. */
export function ridgeModel(design: RidgeDesign, state: RidgeState): FittedModel {
  return {
    forecast(g, view) {
      const byLead = changeByLead(g, design.features(g, view), view.lags.calendar, state);
      const ahead = knownAhead(g, view);
      const change = ahead === null ? byLead : g.add(byLead, changeAhead(g, ahead, state.ahead));
      return g.add(design.base(g, view), g.mul(change, view.lags.scale));
    },
  };
}
