import { CALENDAR_AT } from '../features/layout.ts';
import { HORIZON_HOURS } from '../horizon.ts';
import type { Algebra } from '../tensor/algebra.ts';
import { numeric } from '../tensor/numeric.ts';
import { linear, linearFeatures } from './linear.ts';
import {
  type FitOptions,
  type FittedModel,
  type Member,
  type ModelView,
  requireTargets,
  type TrainingRows,
} from './member.ts';
import type { Booster } from './xgboost/booster.ts';
import type { BoosterParameters } from './xgboost/parameters.ts';
import { trainBooster } from './xgboost/train.ts';

/**
 * Boosted trees on what the linear model leaves over, one booster for all leads: a row is an origin and a lead,
 * its features are relative to that hour and in units of the site's level. Few columns identify single days, so
 * that the trees learn shapes and not dates (docs/decisions/0012).
 */

/** Columns of the linear features that trees may split on; the long averages, which single days out, are left out. */
const SHARED_COLUMNS = [0, 1, 2, 7, 8, 9, 10, 11, 12, 13, 15, 17, 18, 21, 23];

const PARAMETERS: Partial<BoosterParameters> = {
  objective: { name: 'absolute-error' },
  rounds: 120,
  learningRate: 0.07,
  maxDepth: 4,
  lambda: 10,
  subsample: 0.6,
  colsampleByTree: 0.5,
  maxBin: 64,
};

/** Least share of the rows in a leaf: what looks like 10,000 rows is some sixty days. */
const LEAF_SHARE = 0.03;

/** Rows (origin × lead) beyond which origins are thinned out: more of them cost time and teach nothing. */
const MOST_ROWS = 20_000;

/** [N·48, columns] */
function treeFeatures<T>(g: Algebra<T>, { lags, layout }: ModelView<T>): T {
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const oneHot = g.take(
    lags.calendar,
    hours.map((hour) => CALENDAR_AT.hour + hour),
  );
  const perLead = (x: T): T => g.reshape(x, [HORIZON_HOURS, 1]);
  const events = layout.eventFlags.map(
    (_, i) => layout.calendarColumns.length - layout.eventFlags.length + i,
  );
  const columns = [
    g.take(linearFeatures(g, lags), SHARED_COLUMNS),
    perLead(g.matmul(oneHot, g.constant(hours, [24, 1]))),
    perLead(lags.dayType),
    ...(events.length > 0 ? [g.take(lags.calendar, events)] : []),
  ];
  const joined = g.concat(columns);
  return g.reshape(joined, [g.shapeOf(joined).at(-1) ?? 1]);
}

function boostedModel(base: FittedModel, booster: Booster): FittedModel {
  return {
    forecast(g, view) {
      const change = g.reshape(g.trees(treeFeatures(g, view), booster), [HORIZON_HOURS]);
      return g.add(base.forecast(g, view), g.mul(change, view.lags.scale));
    },
  };
}

/** Residuals of the base in units of the row's level, with the features of the hours that were measured. */
function residuals(rows: TrainingRows, base: FittedModel) {
  const features = treeFeatures(numeric, rows.view);
  const columns = features.shape[1] ?? 1;
  const forecast = base.forecast(numeric, rows.view).data;
  const stride = Math.max(1, Math.ceil((rows.count * HORIZON_HOURS) / MOST_ROWS));
  const kept: number[] = [];
  for (let i = 0; i < forecast.length; i++) {
    const thinned = Math.floor(i / HORIZON_HOURS) % stride !== 0;
    if (!thinned && !Number.isNaN(rows.targets[i])) kept.push(i);
  }
  const data = new Float32Array(kept.length * columns);
  const target = new Float32Array(kept.length);
  kept.forEach((i, k) => {
    const scale = rows.view.lags.scale.data[Math.floor(i / HORIZON_HOURS)] as number;
    data.set(features.data.subarray(i * columns, (i + 1) * columns), k * columns);
    target[k] = ((rows.targets[i] as number) - (forecast[i] as number)) / scale;
  });
  return { matrix: { data, rows: kept.length, columns }, target };
}

async function fit(rows: TrainingRows, { seed, onProgress, signal }: FitOptions): Promise<FittedModel> {
  requireTargets(rows);
  const base = await linear.fit(rows, { seed, signal, onProgress: () => {} });
  const { matrix, target } = residuals(rows, base);
  const parameters = { ...PARAMETERS, seed, minChildWeight: Math.max(20, LEAF_SHARE * matrix.rows) };
  const booster = trainBooster(matrix, target, parameters, {
    signal,
    onRound: ({ round, rounds, trainingLoss }) => onProgress(round / rounds, trainingLoss),
  });
  return boostedModel(base, booster);
}

export const xgboost: Member = { name: 'xgboost', fit };
