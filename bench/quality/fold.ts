import { bridgeHistory, NoHistory } from '../../src/forecasting/cleaning/history.ts';
import { expectedStops } from '../../src/forecasting/cleaning/stops.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../../src/forecasting/horizon.ts';
import { type ModelView, numericView } from '../../src/forecasting/models/member.ts';
import { HOUR_MS } from '../../src/forecasting/series.ts';
import type { SiteFit } from '../../src/forecasting/site-fit.ts';
import type { Tensor } from '../../src/forecasting/tensor/numeric.ts';
import type { BenchSeries } from './bench-series.ts';

/** Days at the end of a fold that are forecast. */
const TEST_DAYS = 14;

/** Days between the ends of neighbouring folds. */
const FOLD_DAYS = 90;

const DAY_MS = 24 * HOUR_MS;

/** One fold of a series; 0 is the newest. */
export interface FoldTask {
  readonly series: BenchSeries;
  readonly fold: number;
  /** Days before the test days that everything is learnt from. */
  readonly windowDays: number;
}

/** Test days of a fold, epoch ms: `from` is their first local midnight, `to` the one after the last. */
export interface TestDays {
  readonly from: number;
  readonly to: number;
}

/**
 * Test days of a fold, or null when the series is too short for them and the window before. A fold ends 90 days
 * before the one after it, at the last local midnight by then.
 */
export function testDaysOf({ series, fold, windowDays }: FoldTask): TestDays | null {
  const end = series.start + series.load.length * HOUR_MS - fold * FOLD_DAYS * DAY_MS;
  const midnights = series.calendar.midnights(end - (TEST_DAYS + 3) * DAY_MS, end + HOUR_MS);
  const to = midnights.at(-1) ?? end;
  const from = midnights.at(-1 - TEST_DAYS) ?? to;
  // A file that begins at a UTC midnight lacks up to a day of local time.
  return from - (windowDays - 1) * DAY_MS < series.start ? null : { from, to };
}

/** What is forecast in a fold, a row an origin: every local midnight with 48 test hours left. */
export interface FoldRows {
  readonly view: ModelView<Tensor>;
  /** Epoch ms. */
  readonly origins: readonly number[];
  /** Load as measured, [origins × 48]. */
  readonly actual: Float64Array;
  readonly localHour: Uint8Array;
  /** Hours of the first and of the second local day of each origin; 23, 24 or 25 each. */
  readonly dayHours: readonly (readonly [number, number])[];
  /** Origins with too little history before them. */
  readonly skipped: number;
}

function inputRow(fit: SiteFit, series: BenchSeries, issueTime: number): Float32Array | null {
  const first = issueTime - (HISTORY_HOURS + 200) * HOUR_MS;
  const known = series.readings.filter(({ hour }) => hour < issueTime && hour >= first);
  try {
    const { load, temperature } = bridgeHistory(known, issueTime, expectedStops(series.calendar));
    return fit.inputs.row({ issueTime, load, temperature, temperatureForecast: null });
  } catch (error) {
    if (error instanceof NoHistory) return null;
    throw error;
  }
}

/** Rows of a fold, from the history that a device would have had. @throws {NoHistory} when no origin has one */
export function foldRows(fit: SiteFit, series: BenchSeries, { from, to }: TestDays): FoldRows {
  const { calendar } = series;
  const wanted = calendar.midnights(from, to).filter((at) => at + HORIZON_HOURS * HOUR_MS <= to);
  const rows = wanted.flatMap((origin) => {
    const row = inputRow(fit, series, origin);
    return row === null ? [] : [{ origin, row }];
  });
  if (rows.length === 0) throw new NoHistory('no test day has enough measured hours before it');
  const inputs = new Float32Array(rows.length * fit.inputs.layout.width);
  const actual = new Float64Array(rows.length * HORIZON_HOURS);
  const localHour = new Uint8Array(actual.length);
  rows.forEach(({ origin, row }, i) => {
    const position = (origin - series.start) / HOUR_MS;
    inputs.set(row, i * row.length);
    actual.set(series.load.subarray(position, position + HORIZON_HOURS), i * HORIZON_HOURS);
    localHour.set(calendar.hours(origin, HORIZON_HOURS).hour, i * HORIZON_HOURS);
  });
  return {
    view: numericView(fit.inputs.layout, inputs, rows.length),
    origins: rows.map(({ origin }) => origin),
    actual,
    localHour,
    dayHours: rows.map(({ origin }) => {
      const day = calendar.dayOf(origin);
      const [next, after] = [calendar.startOf(day + 1), calendar.startOf(day + 2)];
      return [(next - origin) / HOUR_MS, (after - next) / HOUR_MS] as const;
    }),
    skipped: wanted.length - rows.length,
  };
}
