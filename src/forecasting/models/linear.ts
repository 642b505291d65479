import { type Lags, meanAlike, nearestAlike, recentChange } from '../features/lags.ts';
import { HORIZON_HOURS } from '../horizon.ts';
import { type Algebra, scalar } from '../tensor/algebra.ts';
import { numeric } from '../tensor/numeric.ts';
import { ridge } from './least-squares.ts';
import { type FittedModel, type Member, requireTargets, type TrainingRows } from './member.ts';

/**
 * Ridge regression, one for each lead, on the change against the same hour a week before. Everything is in
 * units of the row's own level, so that a site that grows keeps its model.
 */

/** Penalty relative to the number of rows; strong on purpose (docs/decisions/0012). */
const PENALTY = 0.2;

/** Hours over which the recent change against a week before is averaged. */
const WEEKLY_CHANGES = [1, 3, 6, 12, 24, 72] as const;
const DAILY_CHANGES = [1, 6, 24] as const;

/** Positions in `recent` whose same-hour load is a feature: the nearest three days and some of the week. */
const RECENT = [0, 1, 2, 3, 4, 5, 7] as const;

/** [N, 48, columns]: changes against last week's load in units of `scale`. */
export function linearFeatures<T>(g: Algebra<T>, lags: Lags<T>): T {
  const { week, scale, history } = lags;
  const [lastWeek, twoWeeks, threeWeeks] = week;
  const byHour = [
    ...RECENT.map((i) => lags.recent[i] as T),
    twoWeeks,
    threeWeeks,
    ...nearestAlike(g, lags),
    meanAlike(g, lags, 14),
  ].map((load) => g.sub(load, lastWeek));
  const byRow = [
    ...WEEKLY_CHANGES.map((hours) => recentChange(g, history, hours, 168)),
    recentChange(g, history, 24, 336),
    recentChange(g, history, 168, 168),
    ...DAILY_CHANGES.map((hours) => recentChange(g, history, hours, 24)),
  ];
  const zeros = g.mul(lastWeek, scalar(g, 0));
  const columns = [...byHour, ...byRow.map((change) => g.add(zeros, change))];
  return g.concat(columns.map((column) => g.reshape(g.div(column, scale), [HORIZON_HOURS, 1])));
}

function fitLead(features: Float32Array, columns: number, rows: TrainingRows, lead: number) {
  const { week, scale } = rows.view.lags;
  const inputs: Float64Array[] = [];
  const targets: number[] = [];
  for (let r = 0; r < rows.count; r++) {
    const at = r * HORIZON_HOURS + lead;
    const change = ((rows.targets[at] as number) - (week[0].data[at] as number)) / (scale.data[r] as number);
    if (Number.isNaN(change)) continue;
    inputs.push(Float64Array.from(features.subarray(at * columns, (at + 1) * columns)));
    targets.push(change);
  }
  return ridge(inputs, targets, PENALTY);
}

/** The forecast of coefficients [48, columns] and intercepts [48]. */
function linearModel(coefficients: Float32Array, intercepts: Float32Array, columns: number): FittedModel {
  return {
    forecast(g, { lags }) {
      const weights = g.constant(coefficients, [HORIZON_HOURS, columns]);
      const change = g.sum(g.mul(linearFeatures(g, lags), weights), 2);
      const total = g.add(g.reshape(change, [HORIZON_HOURS]), g.constant(intercepts, [HORIZON_HOURS]));
      return g.add(lags.week[0], g.mul(total, lags.scale));
    },
  };
}

export const linear: Member = {
  name: 'linear',
  async fit(rows, { onProgress, signal }) {
    requireTargets(rows);
    const features = linearFeatures(numeric, rows.view.lags);
    const columns = features.shape[2] ?? 1;
    const coefficients = new Float32Array(HORIZON_HOURS * columns);
    const intercepts = new Float32Array(HORIZON_HOURS);
    for (let lead = 0; lead < HORIZON_HOURS; lead++) {
      signal.throwIfAborted();
      const fit = fitLead(features.data, columns, rows, lead);
      coefficients.set(fit.coefficients, lead * columns);
      intercepts[lead] = fit.intercept;
      onProgress((lead + 1) / HORIZON_HOURS);
    }
    return linearModel(coefficients, intercepts, columns);
  },
};
