import { type CleanedData, cleanReadings } from '../../forecasting/cleaning/clean.ts';
import { HISTORY_HOURS } from '../../forecasting/horizon.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { UsageError } from '../failure.ts';
import { beginOf, endOf } from '../input/period.ts';
import type { Place, SiteData } from '../input/site-data.ts';

/** Hours before the window that the features of its first rows look back on: the history and a week beyond it. */
const WARMUP_HOURS = HISTORY_HOURS + 168;
const DAY_HOURS = 24;
const DEFAULT_WINDOW_DAYS = 90;
const LEAST_DAYS = 30;
const MOST_DAYS = 1095;

/** What part of the readings is asked for. */
export interface WindowWish {
  readonly window?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

function requireDays(option: string, days: number): void {
  if (days >= LEAST_DAYS && days <= MOST_DAYS) return;
  const found = `${Number.isInteger(days) ? days : days.toFixed(1)} days`;
  throw new UsageError(`${option}: ${found} cannot be trained on; ask for ${LEAST_DAYS} to ${MOST_DAYS}`);
}

/** The window's first hour and the hour after its last, epoch ms. @throws {UsageError} */
function windowOf({ window, from, to }: WindowWish, data: SiteData, { calendar }: Place) {
  if (window !== undefined && from !== undefined) {
    throw new UsageError('--window and --from: give one of them; both say where the window begins');
  }
  const end = to === undefined ? data.to : endOf('--to', to, calendar);
  if (from === undefined) {
    const days = window ?? DEFAULT_WINDOW_DAYS;
    requireDays('--window', days);
    return { from: end - days * DAY_HOURS * HOUR_MS, to: end };
  }
  const begin = beginOf('--from', from, calendar);
  if (begin >= end)
    throw new UsageError('--from: the window ends before it begins; exchange --from and --to');
  requireDays('--from and --to', (end - begin) / (DAY_HOURS * HOUR_MS));
  return { from: begin, to: end };
}

/** The window asked for, cleaned. Throws `UnusableData` and {@link UsageError}. */
export function cleanedWindow(wish: WindowWish, data: SiteData, place: Place): CleanedData {
  const { from, to } = windowOf(wish, data, place);
  const request = { calendar: place.calendar, from, to, warmupFrom: from - WARMUP_HOURS * HOUR_MS };
  return cleanReadings(data.readings, request);
}
