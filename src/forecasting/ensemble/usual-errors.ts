import { HORIZON_HOURS } from '../horizon.ts';
import { type MemberName, subsetOf, type TrainingRows } from '../models/member.ts';
import type { Tensor } from '../tensor/numeric.ts';
import { forecastRows, type Models } from './combine.ts';
import type { Weights } from './weights.ts';

/** Mean |error| of each model on rows it was trained on, in units of the rows' level. */
export type UsualErrors = Readonly<Partial<Record<MemberName, number>>>;

/** Rows that the mean is taken over: enough for a mean, few enough to cost nothing. */
const SAMPLED_ROWS = 211;

export function usualErrorsOf(models: Models, rows: TrainingRows): UsualErrors {
  const count = Math.min(SAMPLED_ROWS, rows.count);
  const spreadOut = Array.from({ length: count }, (_, i) => Math.floor((i * rows.count) / count));
  const { view, targets } = subsetOf(rows, spreadOut);
  const scale = view.lags.scale.data;
  const meanError = ({ data: forecast }: Tensor): number => {
    let sum = 0;
    let count = 0;
    targets.forEach((actual, i) => {
      if (Number.isNaN(actual)) return;
      sum += Math.abs(actual - (forecast[i] as number)) / (scale[Math.floor(i / HORIZON_HOURS)] as number);
      count++;
    });
    return count === 0 ? 0 : sum / count;
  };
  const forecasts = Object.entries(forecastRows(models, view.layout, view.input.data));
  return Object.fromEntries(forecasts.map(([name, forecast]) => [name, meanError(forecast)]));
}

/** The weighted mean over the models. */
export const usualError = (errors: UsualErrors, weights: Weights): number =>
  (Object.entries(weights) as [MemberName, number][]).reduce(
    (sum, [name, weight]) => sum + weight * (errors[name] ?? 0),
    0,
  );
