import type { ScoresByDay } from '../../forecasting/details.ts';
import { kw, percent, plain } from '../../report/format.ts';
import type { ModelRow } from '../../report/sections/models.ts';
import { outside } from './numbers.ts';
import { tableLines } from './table.ts';

/** Names of the naive forecasts for people. */
const NAMES: Readonly<Record<string, string>> = { naive24: 'yesterday', naive168: 'last week' };

const HEADER = ['', 'weight', 'MAPE %', '2nd', 'WAPE %', '2nd', 'RMSE kW', '2nd', 'MASE', '2nd', 'in band'];

function cellsOf({ model, name, scores: { first, second }, weight, coverage }: ModelRow): string[] {
  return [
    name ?? NAMES[model] ?? model,
    percent(weight, 0),
    percent(first?.mape),
    percent(second?.mape),
    percent(first?.wape),
    percent(second?.wape),
    kw(first?.rmse),
    kw(second?.rmse),
    plain(first?.mase, 2),
    plain(second?.mase, 2),
    percent(coverage, 0),
  ];
}

/** Table of models beside each other; each figure for leads 1–24 and then, as `2nd`, for leads 25–48. */
export function scoreTable(rows: readonly ModelRow[]): string[] {
  return tableLines(HEADER, rows.map(cellsOf));
}

/** Figures as JSON carries them: percent for shares, kW for RMSE. */
function presentFigures(figures: ScoresByDay['both']) {
  if (figures === null) return null;
  const { rmse, mase, hours, excludedHours } = figures;
  return {
    mape: outside(figures.mape),
    wape: outside(figures.wape),
    ...{ rmse, mase, hours, excludedHours },
  };
}

/** Leads 1–48, 1–24 and 25–48. */
export function presentScores({ both, first, second }: ScoresByDay) {
  return {
    leads1to48: presentFigures(both),
    leads1to24: presentFigures(first),
    leads25to48: presentFigures(second),
  };
}
