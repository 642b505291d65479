import type { BacktestDetails, ErrorGrid } from './details.ts';
import { forecastsOf, type Models } from './ensemble/combine.ts';
import type { Evaluation } from './gate-fit.ts';
import { HORIZON_HOURS } from './horizon.ts';
import { type MemberName, numericView } from './models/member.ts';
import { localHoursOf } from './residuals.ts';
import { naiveScores, scoresOfModel } from './scores-by-day.ts';
import { hoursOf, pickRows } from './scoring.ts';
import { HOUR_MS } from './series.ts';
import type { SiteFit } from './site-fit.ts';
import { numeric, type Tensor } from './tensor/numeric.ts';

/** Errors of every origin of the test days by local hour and lead. */
function errorGrid({ rows, forecast }: Evaluation, localHour: Uint8Array): ErrorGrid {
  const absolute = new Float64Array(24 * HORIZON_HOURS);
  const actual = new Float64Array(absolute.length);
  rows.targets.forEach((target, i) => {
    if (Number.isNaN(target)) return;
    const cell = (localHour[i] ?? 0) * HORIZON_HOURS + (i % HORIZON_HOURS);
    absolute[cell] = (absolute[cell] ?? 0) + Math.abs(target - (forecast.data[i] ?? Number.NaN));
    actual[cell] = (actual[cell] ?? 0) + Math.abs(target);
  });
  return { absolute, actual };
}

/**
 * Details of a backtest for people. `models` are those of the gate's fit, which have not seen the test
 * days. Only what would be deployed has a band, and its coverage stands in the evaluation's own figures: here
 * it is null throughout.
 */
export function backtestDetails(
  { series, scale, choice }: SiteFit,
  models: Models,
  evaluation: Evaluation,
): BacktestDetails {
  const { rows, scored, forecast, band } = evaluation;
  const localHour = localHoursOf(rows.view);
  const { layout, input } = rows.view;
  const inputs = Float32Array.from(
    scored.flatMap((r) => Array.from(input.data.subarray(r * layout.width, (r + 1) * layout.width))),
  );
  const view = numericView(layout, inputs, scored.length);
  const chosen = hoursOf(rows, localHour, scored, forecast.data);
  const members = Object.entries(forecastsOf(numeric, models, view)) as [MemberName, Tensor][];
  return {
    days: {
      origins: scored.map((r) => series.start + (rows.origins[r] ?? 0) * HOUR_MS),
      actual: chosen.actual,
      forecast: chosen.forecast,
      lower: pickRows(band.lower, scored),
      upper: pickRows(band.upper, scored),
    },
    models: [
      scoresOfModel(choice.modelType, 'chosen', chosen.forecast, chosen, scale),
      ...members.map(([name, { data }]) => scoresOfModel(name, 'member', data, chosen, scale)),
      ...naiveScores(view, chosen, scale),
    ],
    grid: errorGrid(evaluation, localHour),
  };
}
