import type { BacktestDetails, ErrorGrid, NamedScores, ScoresByDay } from './details.ts';
import { forecastsOf, type Models } from './ensemble/combine.ts';
import type { Evaluation } from './gate-fit.ts';
import { HORIZON_HOURS } from './horizon.ts';
import {
  type ErrorScale,
  type MetricsSummary,
  NothingToScore,
  type ScoredHours,
  summarise,
} from './metrics.ts';
import { type MemberName, numericView } from './models/member.ts';
import { naive24, naive168 } from './models/naive.ts';
import { localHoursOf } from './residuals.ts';
import { hoursOf, pickRows } from './scoring.ts';
import { HOUR_MS } from './series.ts';
import type { SiteFit } from './site-fit.ts';
import { numeric, type Tensor } from './tensor/numeric.ts';

function scoresOf(hours: ScoredHours, scale: ErrorScale): MetricsSummary | null {
  try {
    return summarise(hours, scale);
  } catch (error) {
    if (error instanceof NothingToScore) return null;
    throw error;
  }
}

/** The hours at leads `first` to `last` alone. */
function atLeads(hours: ScoredHours, first: number, last: number): ScoredHours {
  const kept = (i: number): boolean => (hours.lead[i] ?? 0) >= first && (hours.lead[i] ?? 0) <= last;
  return {
    actual: hours.actual.filter((_, i) => kept(i)),
    forecast: hours.forecast.filter((_, i) => kept(i)),
    lower: hours.lower?.filter((_, i) => kept(i)) ?? null,
    upper: hours.upper?.filter((_, i) => kept(i)) ?? null,
    lead: hours.lead.filter((_, i) => kept(i)),
    localHour: hours.localHour.filter((_, i) => kept(i)),
  };
}

/** Figures of forecast hours for both days together and apart. */
function scoresByDay(hours: ScoredHours, scale: ErrorScale): ScoresByDay {
  return {
    both: scoresOf(hours, scale),
    first: scoresOf(atLeads(hours, 1, 24), scale),
    second: scoresOf(atLeads(hours, 25, 48), scale),
  };
}

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
  const named = (model: NamedScores['model'], role: NamedScores['role'], values: ArrayLike<number>) => ({
    model,
    role,
    scores: scoresByDay({ ...chosen, forecast: Float64Array.from(values) }, scale),
  });
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
      named(choice.modelType, 'chosen', chosen.forecast),
      ...members.map(([name, { data }]) => named(name, 'member', data)),
      named('naive24', 'baseline', naive24.forecast(numeric, view).data),
      named('naive168', 'baseline', naive168.forecast(numeric, view).data),
    ],
    grid: errorGrid(evaluation, localHour),
  };
}
