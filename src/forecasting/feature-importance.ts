import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Calendar } from './calendar/calendar.ts';
import { createInputRows, FIRST_ORIGIN, withHistory } from './features/input-rows.ts';
import { blockOf, CALENDAR_AT, type FeatureLayout } from './features/layout.ts';
import { breathe } from './fit-model.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from './horizon.ts';
import type { ModelSession } from './inference.ts';
import type { HourlySeries } from './series.ts';

/** What a group of inputs tells a model. */
export interface GroupImportance {
  /** For people. */
  readonly group: string;
  /** WAPE with the group shuffled minus WAPE without, as a fraction; 0 or below: the model makes nothing of it. */
  readonly increase: number;
}

/** Columns of a row that are shuffled together. */
interface Group {
  readonly group: string;
  readonly columns: readonly number[];
}

/** Hours of history in the newest day, and in the newest week. */
const DAY = 24;
const WEEK = 168;
/** Origins are this many hours apart: 7 and 24 share no factor, so all hours of the day have their turn. */
const STEP = 7;
const ORIGINS = 48;

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** All columns of the blocks named, those of them that the layout has. */
function columnsOf(layout: FeatureLayout, names: readonly Parameters<typeof blockOf>[1][]): number[] {
  return names.flatMap((name) => {
    const block = blockOf(layout, name);
    if (block === null) return [];
    return range(block.offset, block.offset + block.shape.reduce((n, d) => n * d, 1));
  });
}

/** Some columns of every forecast hour's calendar row. */
function calendarColumns(layout: FeatureLayout, from: number, to: number): number[] {
  const offset = blockOf(layout, 'calendar')?.offset ?? 0;
  const width = layout.calendarColumns.length;
  return range(0, HORIZON_HOURS).flatMap((lead) => range(from, to).map((c) => offset + lead * width + c));
}

function groupsOf(layout: FeatureLayout): Group[] {
  const history = blockOf(layout, 'history')?.offset ?? 0;
  const load = (from: number, to: number): number[] =>
    range(history + HISTORY_HOURS - from, history + HISTORY_HOURS - to);
  const flags = layout.calendarColumns.length - layout.eventFlags.length;
  const groups = [
    { group: 'Load of the last 24 hours', columns: load(DAY, 0) },
    { group: 'Load of 1 to 7 days before', columns: load(WEEK, DAY) },
    { group: 'Load of 8 to 30 days before', columns: load(HISTORY_HOURS, WEEK) },
    { group: 'Hour of the day', columns: calendarColumns(layout, CALENDAR_AT.hour, CALENDAR_AT.weekday) },
    {
      group: 'Weekdays and holidays',
      columns: [
        ...calendarColumns(layout, CALENDAR_AT.weekday, CALENDAR_AT.annual),
        ...calendarColumns(layout, CALENDAR_AT.workingDay, flags),
        ...columnsOf(layout, ['history_day_type']),
      ],
    },
    { group: 'Season', columns: calendarColumns(layout, CALENDAR_AT.annual, CALENDAR_AT.workingDay) },
    { group: 'Temperature', columns: columnsOf(layout, ['temperature_history', 'temperature_forecast']) },
    { group: 'Energy price', columns: columnsOf(layout, ['price_history', 'price_forecast']) },
    {
      group: 'Event flags',
      columns: [
        ...calendarColumns(layout, flags, layout.calendarColumns.length),
        ...columnsOf(layout, ['history_event_flags']),
      ],
    },
  ];
  return groups.filter(({ columns }) => columns.length > 0);
}

/** Fisher and Yates' shuffle of 0 … count − 1. */
function shuffled(count: number, seed: number): number[] {
  const random = xoroshiro128plus(seed);
  const order = range(0, count);
  for (let i = count - 1; i > 0; i--) {
    const j = uniformInt(random, 0, i);
    [order[i], order[j]] = [order[j] ?? i, order[i] ?? j];
  }
  return order;
}

function withShuffled(
  rows: Float32Array,
  width: number,
  columns: readonly number[],
  seed: number,
): Float32Array {
  const changed = rows.slice();
  shuffled(rows.length / width, seed).forEach((from, to) => {
    for (const column of columns) changed[to * width + column] = rows[from * width + column] as number;
  });
  return changed;
}

function wapeOf(forecast: Float32Array, { load }: HourlySeries, origins: readonly number[]): number {
  let error = 0;
  let total = 0;
  forecast.forEach((value, i) => {
    const actual = load[(origins[Math.floor(i / HORIZON_HOURS)] ?? 0) + (i % HORIZON_HOURS)] ?? Number.NaN;
    if (Number.isNaN(actual)) return;
    error += Math.abs(value - actual);
    total += Math.abs(actual);
  });
  return error / total;
}

/** Origins before the series' last 48 hours that a device would forecast from, ascending, {@link ORIGINS} at most. */
function lastOrigins(series: HourlySeries): number[] {
  const last = series.load.length - HORIZON_HOURS;
  const origins = range(0, ORIGINS).map((i) => last - i * STEP);
  return withHistory(
    series,
    origins.filter((origin) => origin >= FIRST_ORIGIN),
  ).reverse();
}

/**
 * How much a model relies on each group of its inputs: how far its error over the series' last two weeks grows
 * when the group's values come from another of these rows (Breiman, Random Forests, 2001, on groups and whole
 * artifacts). Groups that tell the same share what they tell. Largest first; empty for a series too short.
 * Rejects with the signal's reason when aborted.
 */
export async function featureImportance(given: {
  readonly session: ModelSession;
  readonly layout: FeatureLayout;
  readonly calendar: Calendar;
  readonly series: HourlySeries;
  readonly seed: number;
  readonly signal: AbortSignal;
}): Promise<GroupImportance[]> {
  const { session, layout, calendar, series, seed, signal } = given;
  const origins = lastOrigins(series);
  if (origins.length < 2) return [];
  const rows = createInputRows(layout, calendar).rows(series, origins);
  const errorOf = async (inputs: Float32Array): Promise<number> => {
    await breathe();
    signal.throwIfAborted();
    return wapeOf((await session.run(inputs, origins.length)).forecast, series, origins);
  };
  const usual = await errorOf(rows);
  const found: GroupImportance[] = [];
  for (const { group, columns } of groupsOf(layout)) {
    const error = await errorOf(withShuffled(rows, layout.width, columns, seed));
    found.push({ group, increase: error - usual });
  }
  return found.sort((a, b) => b.increase - a.increase);
}
