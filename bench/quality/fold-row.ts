import type { BenchRow } from '../bench.ts';
import type { FoldResult } from './measure-fold.ts';
import { calibrationError } from './peaks.ts';
import type { Errors, ModelScore } from './score.ts';

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function errorCells(suffix: string, { mape, wape, rmse, mase }: Errors): BenchRow {
  return {
    [`mape${suffix}`]: finite(mape),
    [`wape${suffix}`]: finite(wape),
    [`rmse${suffix}`]: finite(rmse),
    [`mase${suffix}`]: finite(mase),
  };
}

function rowOf({ series, fold, windowDays }: FoldResult, model: string, score: ModelScore): BenchRow {
  const { band, peaks } = score;
  return {
    ...{ series, fold, model, window_days: windowDays, cpu_s: score.cpuSeconds },
    ...errorCells('', score.all),
    ...errorCells('_1_24', score.day1),
    ...errorCells('_25_48', score.day2),
    ...(band === null
      ? {}
      : {
          coverage90: finite(band.coverage90),
          width90_kw: finite(band.widthKw),
          width90_pct: finite(band.widthPct),
          pinball_kw: finite(band.pinballKw),
          pinball_pct: finite(band.pinballPct),
          peak_ece: finite(calibrationError(peaks)),
        }),
    peak_days: peaks.days,
    peak_top1: peaks.top1,
    peak_top2: peaks.top2,
    peak_captured: peaks.captured,
  };
}

/** A fold's scores as rows for a file: one a model, named as in a file of peers. */
export function rowsOf(fold: FoldResult): BenchRow[] {
  return [...fold.scores].map(([model, score]) => rowOf(fold, model, score));
}
