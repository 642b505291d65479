import { HISTORY_HOURS } from '../../horizon.ts';
import { type Algebra, mean, scalar, span } from '../../tensor/algebra.ts';
import { hourOfIssue } from '../hour-of-issue.ts';
import type { ModelView } from '../member.ts';
import { changeFeatures } from '../weekly-change.ts';
import { HALF_HOURS, HALVES } from './network.ts';

/** Days that the network reads, one step each: a step ends at the hour of the issue, whatever hour that is. */
export const STEPS = 14;

/** A day's 24 changes against the week before, how its type changed, and the hour of the issue on its circle. */
export const STEP_WIDTH = 24 + 1 + 2;

/** Columns of the linear features that differ by hour: same-hour loads of other days less last week's. */
const REFERENCE_COLUMNS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
export const REFERENCES = REFERENCE_COLUMNS.length;

/** Changes beyond this many usual ones say no more: a level that collapsed must not saturate every unit. */
const LARGEST_CHANGE = 4;

const WEEK_HOURS = 168;

/** The last `STEPS` days of hourly values less those a week before, [N, STEPS · 24]. */
function weeklyDifferences<T>(g: Algebra<T>, hourly: T): T {
  const from = HISTORY_HOURS - 24 * STEPS;
  return g.sub(
    span(g, hourly, from, HISTORY_HOURS),
    span(g, hourly, from - WEEK_HOURS, HISTORY_HOURS - WEEK_HOURS),
  );
}

const clipped = <T>(g: Algebra<T>, x: T): T =>
  g.max(g.min(x, scalar(g, LARGEST_CHANGE)), scalar(g, -LARGEST_CHANGE));

/** Sine and cosine of the local hour of the issue, [N, 2]. */
function issueHour<T>(g: Algebra<T>, calendar: T): T {
  const circle = Array.from({ length: 24 }, (_, hour) => (2 * Math.PI * hour) / 24);
  return g.matmul(
    hourOfIssue(g, calendar),
    g.constant(
      circle.flatMap((angle) => [Math.sin(angle), Math.cos(angle)]),
      [24, 2],
    ),
  );
}

/** What the network reads, [N, STEPS, STEP_WIDTH]; `spread` is the usual change in units of the level. */
export function sequencesOf<T>(g: Algebra<T>, { lags }: ModelView<T>, spread: number): T {
  const unit = g.mul(lags.scale, scalar(g, spread));
  const changes = clipped(g, g.div(weeklyDifferences(g, lags.history), unit));
  const days = g.reshape(changes, [STEPS, 24]);
  const types = mean(g, g.reshape(weeklyDifferences(g, lags.historyDayType), [STEPS, 24]));
  const hour = g.reshape(issueHour(g, lags.calendar), [1, 2]);
  const everyStep = g.add(g.mul(span(g, days, 0, 2), scalar(g, 0)), hour);
  return g.concat([days, types, everyStep]);
}

/** Loads of other days less last week's that the head may lean on, in usual changes: [N, 2, 24, REFERENCES]. */
export function referencesOf<T>(g: Algebra<T>, { lags }: ModelView<T>, spread: number): T {
  const columns = g.take(changeFeatures(g, lags), REFERENCE_COLUMNS);
  return g.reshape(clipped(g, g.mul(columns, scalar(g, 1 / spread))), [HALVES, HALF_HOURS, REFERENCES]);
}
