import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import { dateOf, parseDate } from '../../forecasting/calendar/day.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { BadSetting } from '../settings/read.ts';
import { parseFault } from './faults.ts';

/** What a person wants replayed; all of it may be left out. */
export interface ReplayWishes {
  /** First and last local day, `YYYY-MM-DD`. */
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly days?: number | undefined;
  /** Changes laid over the load; see `parseFault`. */
  readonly inject: readonly string[];
}

/** What is replayed, both ends epoch ms of local midnights. */
export interface ReplayPlan {
  readonly from: number;
  readonly until: number;
  readonly inject: readonly string[];
}

const DAY_MS = 24 * HOUR_MS;
const DEFAULT_DAYS = 365;
/** What a first training of 90 days finds before it, with the month that its first hours look back on. */
const HISTORY_DAYS = 120;
/** Without so much a site has nothing to be trained on. */
const LEAST_HISTORY_DAYS = 60;

/** Hours for which there are readings, epoch ms; `to` is the hour after the last. */
export interface Extent {
  readonly from: number;
  readonly to: number;
}

function localDay(option: string, text: string): number {
  const day = parseDate(text);
  if (day === null) throw new BadSetting(option, `${text} is no date; write YYYY-MM-DD`);
  return day;
}

/** The first local day that begins with so many days before it. */
const dayWithHistory = ({ from }: Extent, days: number, calendar: Calendar): number =>
  calendar.dayOf(from + days * DAY_MS - HOUR_MS) + 1;

function endOf({ until, days }: ReplayWishes, first: number | null, available: number): number {
  if (until !== undefined && days !== undefined)
    throw new BadSetting('--days', 'name either --until or --days, not both');
  if (until !== undefined) return localDay('--until', until) + 1;
  return days === undefined || first === null ? available : Math.min(available, first + days);
}

/** The first day when none is named: a year before the end, or as soon as there is enough to learn from. */
const usualStart = (end: number, days: number | undefined, earliest: number): number =>
  Math.max(earliest, end - (days ?? DEFAULT_DAYS));

interface Bounds {
  readonly least: number;
  readonly available: number;
}

function refuseUnfit(first: number, end: number, { least, available }: Bounds): void {
  const covered = `it can be replayed from ${dateOf(least)} to ${dateOf(available - 1)}`;
  if (available - least < 1)
    throw new BadSetting(
      '--csv',
      `the series is too short for a replay: it takes ${LEAST_HISTORY_DAYS} days to learn from, and a day more`,
    );
  if (first < least)
    throw new BadSetting(
      '--from',
      `${dateOf(first)} leaves fewer than ${LEAST_HISTORY_DAYS} days to learn from: ${covered}`,
    );
  if (end > available)
    throw new BadSetting('--until', `the readings end before ${dateOf(end - 1)} is over: ${covered}`);
  if (first >= end)
    throw new BadSetting('--from', `${dateOf(first)} is not before the end, ${dateOf(end)}: ${covered}`);
}

/** Whole local days that are replayed. Throws {@link BadSetting}. */
export function planReplay(wishes: ReplayWishes, extent: Extent, calendar: Calendar): ReplayPlan {
  for (const text of wishes.inject) parseFault(text, calendar);
  const available = calendar.dayOf(extent.to);
  const least = dayWithHistory(extent, LEAST_HISTORY_DAYS, calendar);
  const named = wishes.from === undefined ? null : localDay('--from', wishes.from);
  const end = endOf(wishes, named, available);
  const earliest = Math.min(dayWithHistory(extent, HISTORY_DAYS, calendar), Math.max(least, end - 1));
  const first = named ?? usualStart(end, wishes.days, earliest);
  refuseUnfit(first, end, { least, available });
  return { from: calendar.startOf(first), until: calendar.startOf(end), inject: wishes.inject };
}
