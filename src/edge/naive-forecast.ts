import type { Calendar } from '../forecasting/calendar/calendar.ts';
import type { ForecastHour } from '../forecasting/forecast-at.ts';
import { HORIZON_HOURS } from '../forecasting/horizon.ts';
import { HOUR_MS } from '../forecasting/series.ts';

/** Seasonal-naive: what a device forecasts when no model can serve, from whatever was measured. */

const DAY = 24;
const WEEK = 168;
/** Levels of the band's lower end, the forecast and the band's upper end. */
const BAND_LEVELS = [0.05, 0.5, 0.95];
/** Fewer measured hours than a day say nothing. */
const LEAST_HOURS = DAY;
/** Where to look for an hour's like, in hours before it. */
const LIKES = [WEEK, 2 * WEEK, 3 * WEEK, 4 * WEEK, 2 * DAY, 3 * DAY, DAY, 4 * DAY, 5 * DAY, 6 * DAY];

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** The value of the same hour of an earlier week, or else day; only hours before `seen` are looked at. */
function likeOf(load: Float64Array, position: number, seen: number): number | undefined {
  return LIKES.filter((step) => position - step < seen)
    .map((step) => load[position - step] ?? Number.NaN)
    .find(Number.isFinite);
}

/** Half the width of a 90 % band: the error that this very rule made in 9 of 10 hours so far. */
function halfWidth(load: Float64Array, fallback: number): number {
  const errors = Array.from(load, (actual, i) => Math.abs(actual - (likeOf(load, i, i) ?? Number.NaN)))
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  return errors[Math.ceil(errors.length * 0.9) - 1] ?? fallback;
}

/** How often each local hour was the highest of its day, over the whole days that were measured. */
function peakShares(load: Float64Array, start: number, calendar: Calendar): readonly number[] {
  const days = new Map<number, { readonly hour: number; readonly load: number }[]>();
  for (const [i, value] of load.entries()) {
    const at = start + i * HOUR_MS;
    const day = calendar.dayOf(at);
    const hours = days.get(day) ?? [];
    if (Number.isFinite(value)) hours.push({ hour: calendar.hourOf(at), load: value });
    days.set(day, hours);
  }
  const peaks = [...days.values()]
    .filter((hours) => hours.length >= DAY)
    .map((hours) => hours.reduce((a, b) => (b.load > a.load ? b : a)).hour);
  return Array.from({ length: DAY }, (_, hour) =>
    peaks.length === 0 ? 1 / DAY : peaks.filter((peak) => peak === hour).length / peaks.length,
  );
}

/**
 * 48 hours from `issueTime` (epoch ms), each like the same hour a week before. `load` are the hours up to
 * `issueTime`, kW, NaN where not measured. Null when less than a day was measured.
 */
export function naiveForecast(
  load: Float64Array,
  issueTime: number,
  calendar: Calendar,
): readonly ForecastHour[] | null {
  const measured = [...load].filter(Number.isFinite);
  if (measured.length < LEAST_HOURS) return null;
  const mean = meanOf(measured);
  const half = halfWidth(load, Math.abs(mean) / 3);
  const shares = peakShares(load, issueTime - load.length * HOUR_MS, calendar);
  const lastDay = calendar.dayOf(issueTime + HORIZON_HOURS * HOUR_MS);
  return Array.from({ length: HORIZON_HOURS }, (_, lead) => {
    const hour = issueTime + lead * HOUR_MS;
    const loadKw = likeOf(load, load.length + lead, load.length) ?? mean;
    const whole = calendar.dayOf(hour) < lastDay;
    const peakProbability = whole ? (shares[calendar.hourOf(hour)] ?? 0) : null;
    const [lowerKw, upperKw] = [loadKw - half, loadKw + half];
    const distribution = { levels: BAND_LEVELS, kw: [lowerKw, loadKw, upperKw] };
    return { hour, loadKw, lowerKw, upperKw, peakProbability, distribution };
  });
}
