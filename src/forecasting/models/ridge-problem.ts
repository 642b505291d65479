import { HORIZON_HOURS } from '../horizon.ts';
import type { Algebra } from '../tensor/algebra.ts';
import { numeric, type Tensor } from '../tensor/numeric.ts';
import { hoursOfIssue } from './hour-of-issue.ts';
import { knownAhead } from './known-ahead.ts';
import type { ModelView, TrainingRows } from './member.ts';
import { shareOfSeason } from './season.ts';

/**
 * A regression for each lead, and apart for parts of the day, on top of something known:
 * forecast = base + scale · (intercept + features · b). What that leaves over is explained, as far as it can be,
 * by what the site knows ahead of the forecast hours, with coefficients that all leads share: a flagged stop is far
 * too rare to be learnt lead by lead.
 */
export interface RidgeDesign {
  /** What the regression starts from, [N, 48] in kW. */
  base<T>(g: Algebra<T>, view: ModelView<T>): T;
  /** In units of the row's level, [N, 48, columns]. */
  features<T>(g: Algebra<T>, view: ModelView<T>): T;
  /** Penalty relative to the number of rows. */
  readonly penalty: number;
}

/** Rows with the design that describes them. */
export interface DesignedRows {
  readonly design: RidgeDesign;
  readonly rows: TrainingRows;
}

/** What regressions are fitted to; values are in units of the level, one a row and lead. */
export interface RidgeProblem {
  /** Relative to the number of rows, for rows of a season; {@link penaltyOf} is for all of them. */
  readonly penalty: number;
  /** Hour of each origin, ascending. [N] */
  readonly origins: readonly number[];
  /** Load less the base; NaN where it was not measured. [N × 48] */
  readonly change: Float64Array;
  /** [N, 48, columns] */
  readonly features: Tensor;
  readonly ahead: Tensor | null;
  /** [N, 48, C] */
  readonly calendar: Tensor;
  /** Local hour of the issue of each row. [N] */
  readonly hours: Uint8Array;
}

function problemOf({ design, rows: { view, targets, origins } }: DesignedRows): RidgeProblem {
  const base = design.base(numeric, view).data;
  const scale = view.lags.scale.data;
  return {
    penalty: design.penalty,
    origins,
    change: Float64Array.from(
      targets,
      (load, i) => (load - (base[i] as number)) / (scale[Math.floor(i / HORIZON_HOURS)] as number),
    ),
    features: design.features(numeric, view),
    ahead: knownAhead(numeric, view),
    calendar: view.lags.calendar,
    hours: hoursOfIssue(view.lags.calendar),
  };
}

/** Rows of `a`, then those of `b`. */
function stacked(a: Tensor, b: Tensor): Tensor {
  const data = new Float32Array(a.data.length + b.data.length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  return { shape: [(a.shape[0] ?? 0) + (b.shape[0] ?? 0), ...a.shape.slice(1)], data };
}

const joined = (a: RidgeProblem, b: RidgeProblem): RidgeProblem => ({
  penalty: b.penalty,
  origins: [...a.origins, ...b.origins],
  change: Float64Array.from([...a.change, ...b.change]),
  features: stacked(a.features, b.features),
  ahead: a.ahead === null || b.ahead === null ? null : stacked(a.ahead, b.ahead),
  calendar: stacked(a.calendar, b.calendar),
  hours: Uint8Array.from([...a.hours, ...b.hours]),
});

/** One problem of all seasons, whose designs have the same columns; the newest one's penalty counts. */
export const joinedProblem = (older: readonly DesignedRows[], newest: DesignedRows): RidgeProblem =>
  older.map(problemOf).reduceRight((all, season) => joined(season, all), problemOf(newest));

/**
 * The penalty for what the rows span: a season's worth is told by so many days, however many rows there are of
 * them, and of a longer window the data say more against it.
 */
export const penaltyOf = ({ penalty, origins }: RidgeProblem): number => penalty * shareOfSeason(origins);
