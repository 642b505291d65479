import type { HourReading } from '../cleaning/readings.ts';
import { HOUR_MS } from '../series.ts';
import { CsvError } from './errors.ts';
import type { ValueKey } from './header.ts';
import { addToQuarter, highestQuarter, noQuarters, type Quarters, tellsQuarters } from './quarters.ts';

const MINUTE_MS = 60_000;
/** Twenty years: a file that goes on for longer is not a site's. */
const MOST_HOURS = 175_320;
/** An hour counts when this share of its rows is there. */
const COMPLETE_SHARE = 0.75;
/** More incomplete hours than this share mean that the cadence changes within the file. */
const INCOMPLETE_SHARE = 0.1;
/** Minutes between rows that divide an hour. */
const CADENCES: readonly number[] = [60, 30, 20, 15, 10, 5, 1];

export type RowValues = Partial<Record<ValueKey, number>>;

/** Readings by the hour, and what was done to get there. */
export interface HourlyReadings {
  readonly readings: readonly HourReading[];
  readonly cadenceMinutes: number;
  /** For people: averaged, merged, left out. */
  readonly notes: readonly string[];
}

interface OpenHour {
  readonly hour: number;
  readonly sums: RowValues;
  readonly counts: RowValues;
  readonly quarters: Quarters;
  /** Highest quarter as the file itself gives it. */
  max15Kw: number | undefined;
}

/** Collects rows in the order of their time, keeping no more than one entry an hour. */
export interface HourCollector {
  /** @throws {CsvError} order, conflict, too-large */
  add(instant: number, values: RowValues, row: number): void;
  /** @throws {CsvError} empty, wrong-cadence */
  finish(): HourlyReadings;
}

const utc = (instant: number): string => `${new Date(instant).toISOString().slice(0, 19)}Z`;

function sameValues(a: RowValues, b: RowValues): boolean {
  return Object.keys({ ...a, ...b }).every((key) => a[key as ValueKey] === b[key as ValueKey]);
}

function refuseRepeat(instant: number, row: number): never {
  throw new CsvError(
    'conflict',
    row,
    'timestamp_utc',
    `${utc(instant)} comes twice with different values. Local time written as UTC repeats an hour when clocks ` +
      'go back: convert the times; otherwise remove one of the rows.',
  );
}

function refuseOrder(instant: number, before: number, row: number): never {
  throw new CsvError(
    'order',
    row,
    'timestamp_utc',
    `${utc(instant)} comes after ${utc(before)}. Sort the rows by time; if they are sorted by local time, convert it to UTC.`,
  );
}

function refuseCadence(steps: ReadonlyMap<number, number>): number {
  const [usual] = [...steps].sort((a, b) => b[1] - a[1])[0] ?? [60];
  if (CADENCES.includes(usual)) return usual;
  const found = usual > 0 ? `${usual} minutes apart` : 'no whole minutes apart, or more than a day';
  throw new CsvError(
    'wrong-cadence',
    null,
    null,
    `Most rows are ${found}. Rows must be an hour apart, or 30, 20, 15, 10, 5 or 1 minutes (these are averaged).`,
  );
}

/** The hour's means; a value with too few rows is absent. */
function closeHour({ hour, sums, counts, quarters, max15Kw }: OpenHour, cadence: number): HourReading {
  const expected = 60 / cadence;
  const mean = (key: ValueKey): number | undefined => {
    const count = counts[key] ?? 0;
    return count >= COMPLETE_SHARE * expected && count > 0 ? (sums[key] ?? 0) / count : undefined;
  };
  return {
    hour,
    loadKw: mean('loadKw'),
    temperatureC: mean('temperatureC'),
    batteryKw: mean('batteryKw'),
    pvKw: mean('pvKw'),
    max15Kw: max15Kw ?? highestQuarter(quarters, cadence),
    priceBrlMwh: mean('priceBrlMwh'),
  };
}

function notesOf(given: {
  readonly cadence: number;
  readonly merged: number;
  readonly incomplete: number;
  readonly offset: number;
}): string[] {
  const { cadence, merged, incomplete, offset } = given;
  const beside = tellsQuarters(cadence) ? '; the highest quarter of each hour is kept beside' : '';
  return [
    ...(cadence < 60 ? [`Rows ${cadence} min apart were averaged to hours${beside}.`] : []),
    ...(incomplete > 0
      ? [`Hours with less than three quarters of their rows, left missing: ${incomplete}.`]
      : []),
    ...(merged > 0 ? [`Rows that repeat the row before them, merged: ${merged}.`] : []),
    ...(cadence === 60 && offset > 0
      ? [`Rows are stamped ${offset} min past the hour; each counts for the hour that it falls in.`]
      : []),
  ];
}

function finishHours(
  hours: readonly OpenHour[],
  steps: ReadonlyMap<number, number>,
  merged: number,
  offset: number,
): HourlyReadings {
  if (hours.length === 0) throw new CsvError('empty', null, null, 'The file has no rows below its header.');
  const cadence = refuseCadence(steps);
  const readings = hours.map((hour) => closeHour(hour, cadence));
  const lost = readings.filter(({ loadKw }, i) => loadKw === undefined && (hours[i]?.counts.loadKw ?? 0) > 0);
  const [first] = lost;
  if (first !== undefined && lost.length > Math.max(2, INCOMPLETE_SHARE * hours.length)) {
    throw new CsvError(
      'wrong-cadence',
      null,
      null,
      `Most rows are ${cadence} min apart, but ${lost.length} hours have too few of them, the first ${utc(first.hour)}. ` +
        'Give each cadence a file of its own.',
    );
  }
  const notes = notesOf({ cadence, merged, incomplete: lost.length, offset });
  return { readings, cadenceMinutes: cadence, notes };
}

function addTo(open: OpenHour, instant: number, values: RowValues): void {
  const { sums, counts, quarters } = open;
  const { loadKw, max15Kw } = values;
  if (loadKw !== undefined) addToQuarter(quarters, (instant - open.hour) / MINUTE_MS, loadKw);
  if (max15Kw !== undefined) open.max15Kw = Math.max(open.max15Kw ?? max15Kw, max15Kw);
  for (const [key, value] of Object.entries(values) as [ValueKey, number][]) {
    sums[key] = (sums[key] ?? 0) + value;
    counts[key] = (counts[key] ?? 0) + 1;
  }
}

export function createHourCollector(): HourCollector {
  const hours: OpenHour[] = [];
  const steps = new Map<number, number>();
  let last: { instant: number; values: RowValues } | null = null;
  let merged = 0;
  let offset = 0;

  const openHour = (instant: number, row: number): OpenHour => {
    const hour = Math.floor(instant / HOUR_MS) * HOUR_MS;
    const open = hours.at(-1);
    if (open?.hour === hour) return open;
    if (hours.length === MOST_HOURS) {
      throw new CsvError('too-large', row, null, `The file goes on for more than ${MOST_HOURS} hours.`);
    }
    const fresh = { hour, sums: {}, counts: {}, quarters: noQuarters(), max15Kw: undefined };
    hours.push(fresh);
    return fresh;
  };
  const countStep = (instant: number, before: number): void => {
    const minutes = (instant - before) / MINUTE_MS;
    const key = Number.isInteger(minutes) && minutes <= 1440 ? minutes : -1;
    steps.set(key, (steps.get(key) ?? 0) + 1);
  };

  /** True when the row repeats the one before. */
  const repeats = (instant: number, values: RowValues, row: number): boolean => {
    if (last === null || instant > last.instant) return false;
    if (instant < last.instant) refuseOrder(instant, last.instant, row);
    return sameValues(last.values, values) || refuseRepeat(instant, row);
  };

  return {
    add(instant, values, row) {
      if (repeats(instant, values, row)) {
        merged++;
        return;
      }
      if (last !== null) countStep(instant, last.instant);
      addTo(openHour(instant, row), instant, values);
      offset = (instant % HOUR_MS) / MINUTE_MS;
      last = { instant, values };
    },
    finish: () => finishHours(hours, steps, merged, offset),
  };
}
