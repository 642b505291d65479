import { CALENDAR_AT } from '../features/layout.ts';
import { HORIZON_HOURS } from '../horizon.ts';
import type { Algebra } from '../tensor/algebra.ts';
import { numeric } from '../tensor/numeric.ts';
import { type LinearState, linear } from './linear.ts';
import {
  type FitOptions,
  type FittedModel,
  type Member,
  type ModelView,
  requireTargets,
  type TrainingRows,
} from './member.ts';
import { changeFeatures } from './weekly-change.ts';
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
  learningRate: 0.05,
  maxDepth: 4,
  lambda: 10,
  subsample: 0.6,
  colsampleByTree: 0.5,
  maxBin: 64,
  earlyStoppingRounds: 15,
};

/** Share of the rows, the newest, that says when to stop. */
const VALIDATION_SHARE = 0.2;

/** Least share of the rows in a leaf: what looks like 10,000 rows is some sixty days. */
const LEAF_SHARE = 0.03;

/** Rows (origin × lead) beyond which origins are thinned out: more of them cost time and teach nothing. */
const MOST_ROWS = 20_016;

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
    g.take(changeFeatures(g, lags), SHARED_COLUMNS),
    perLead(g.matmul(oneHot, g.constant(hours, [24, 1]))),
    perLead(lags.dayType),
    ...(events.length > 0 ? [g.take(lags.calendar, events)] : []),
  ];
  const joined = g.concat(columns);
  return g.reshape(joined, [g.shapeOf(joined).at(-1) ?? 1]);
}

export interface XgboostState {
  readonly base: LinearState;
  readonly booster: Booster;
}

function boostedModel(base: FittedModel, booster: Booster): FittedModel {
  return {
    forecast(g, view) {
      const change = g.reshape(g.trees(treeFeatures(g, view), booster), [HORIZON_HOURS]);
      return g.add(base.forecast(g, view), g.mul(change, view.lags.scale));
    },
  };
}

/** Positions of the measured targets of evenly spread rows. */
function keptTargets(rows: TrainingRows): number[] {
  const most = Math.floor(MOST_ROWS / HORIZON_HOURS);
  const share = Math.min(1, most / rows.count);
  const kept: number[] = [];
  for (let r = 0; r < rows.count; r++) {
    // A step that is no whole number, so that every hour of the day is among the origins.
    if (Math.floor((r + 1) * share) === Math.floor(r * share)) continue;
    for (let i = r * HORIZON_HOURS; i < (r + 1) * HORIZON_HOURS; i++) {
      if (!Number.isNaN(rows.targets[i])) kept.push(i);
    }
  }
  return kept;
}

/** Residuals of the base in units of the row's level, with the features of the hours that were measured. */
function residuals(rows: TrainingRows, base: FittedModel) {
  const features = treeFeatures(numeric, rows.view);
  const columns = features.shape[1] ?? 1;
  const forecast = base.forecast(numeric, rows.view).data;
  const kept = keptTargets(rows);
  const data = new Float32Array(kept.length * columns);
  const target = new Float32Array(kept.length);
  kept.forEach((i, k) => {
    const scale = rows.view.lags.scale.data[Math.floor(i / HORIZON_HOURS)] as number;
    data.set(features.data.subarray(i * columns, (i + 1) * columns), k * columns);
    target[k] = ((rows.targets[i] as number) - (forecast[i] as number)) / scale;
  });
  return { matrix: { data, rows: kept.length, columns }, target };
}

/** The oldest rows to learn from and the newest to stop by. */
function split({ matrix, target }: ReturnType<typeof residuals>) {
  const { data, columns } = matrix;
  const cut = Math.floor(matrix.rows * (1 - VALIDATION_SHARE));
  const part = (from: number, to: number) => ({
    matrix: { data: data.subarray(from * columns, to * columns), rows: to - from, columns },
    target: target.subarray(from, to),
  });
  return { older: part(0, cut), newer: part(cut, matrix.rows) };
}

async function fit(
  rows: TrainingRows,
  options: FitOptions<XgboostState, LinearState>,
): Promise<XgboostState> {
  requireTargets(rows);
  const { seed, onProgress, signal } = options;
  const base = options.base ?? (await linear.fit(rows, { ...options, earlier: null, onProgress: () => {} }));
  const { older, newer } = split(residuals(rows, linear.restore(base)));
  const minChildWeight = Math.max(20, LEAF_SHARE * older.matrix.rows);
  const booster = trainBooster(
    older.matrix,
    older.target,
    { ...PARAMETERS, seed, minChildWeight },
    {
      signal,
      evaluation: newer,
      onRound: ({ round, rounds, evaluationLoss, trainingLoss }) =>
        onProgress(round / rounds, evaluationLoss ?? trainingLoss),
    },
  );
  onProgress(1);
  return { base, booster };
}

export const xgboost: Member<XgboostState, LinearState> = {
  name: 'xgboost',
  fit,
  restore: ({ base, booster }) => boostedModel(linear.restore(base), booster),
};
