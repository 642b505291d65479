import { HORIZON_HOURS } from '../horizon.ts';
import type { Algebra } from '../tensor/algebra.ts';
import { numeric, type Tensor } from '../tensor/numeric.ts';
import { withKnownAhead } from './known-ahead.ts';
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
 * the site knows ahead of the forecast hours joins the features of every design.
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
}

/** Fits the design's regressions, one for each lead. @throws {TooFewRows} */
export function fitByLead(
  design: RidgeDesign,
  rows: TrainingRows,
  { signal, onProgress }: Pick<FitOptions, 'signal' | 'onProgress'>,
): RidgeState {
  requireTargets(rows);
  const base = design.base(numeric, rows.view);
  const features = withKnownAhead(numeric, rows.view, design.features(numeric, rows.view));
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
  return { coefficients, intercepts };
}

/** The design with fitted regressions. */
export function ridgeModel(design: RidgeDesign, { coefficients, intercepts }: RidgeState): FittedModel {
  const columns = coefficients.length / HORIZON_HOURS;
  return {
    forecast(g, view) {
      const features = withKnownAhead(g, view, design.features(g, view));
      const weighted = g.mul(features, g.constant(coefficients, [HORIZON_HOURS, columns]));
      const sum = g.reshape(g.sum(weighted, 2), [HORIZON_HOURS]);
      const change = g.add(sum, g.constant(intercepts, [HORIZON_HOURS]));
      return g.add(design.base(g, view), g.mul(change, view.lags.scale));
    },
  };
}
