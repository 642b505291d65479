import type { Calendar } from '../calendar/calendar.ts';
import { bridgeSeries, hasHistory } from '../cleaning/history.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { HOUR_MS, type HourlySeries, noOutlook } from '../series.ts';
import { type EventFlags, noEventFlags } from './event-flags.ts';
import { CALENDAR_AT, EVENT_HOURS, type FeatureLayout, type LayoutBlock } from './layout.ts';
import { outlookAt } from './outlook.ts';

/**
 * All that is known when a forecast is issued. Nothing else reaches a row, which is what keeps training,
 * evaluation and the device free of leaks: they all build their rows here.
 */
export interface KnownAtIssue {
  /** Epoch ms of the issue hour, which is lead 1: the first hour not yet seen. A whole hour. */
  readonly issueTime: number;
  /** Gross load in kW of the 720 hours before it, oldest first, without gaps. */
  readonly load: ArrayLike<number>;
  /** °C of the hours before it, oldest first, ending with the hour before the issue hour; NaN where missing. */
  readonly temperature: ArrayLike<number> | null;
  /** °C of the 48 forecast hours as forecast at the issue time; null when there is no forecast. */
  readonly temperatureForecast: ArrayLike<number> | null;
  /** R$/MWh of the hours before it, oldest first, ending with the hour before the issue hour; NaN where not known. */
  readonly price?: ArrayLike<number> | null;
  /** R$/MWh of the 48 forecast hours as far as published at the issue time, NaN beyond. */
  readonly priceForecast?: ArrayLike<number> | null;
}

/** Builds the input rows of one site. */
export interface InputRows {
  readonly layout: FeatureLayout;
  /** One row [F]. Throws `RangeError` when the history has another length or holds a value that is not finite. */
  row(known: KnownAtIssue): Float32Array;
  /**
   * Rows [origins × F] at positions of a series: origin `o` is issued at hour `o` and sees only what lies
   * before it, gaps bridged as on a device. Where the series begins less than 720 hours earlier, its first week
   * is repeated backwards; an origin within that week would see itself and is not allowed. An origin that a
   * device would not forecast from gets a row too, though nothing should be learnt or judged by it.
   * @throws {RangeError}
   */
  rows(series: HourlySeries, origins: readonly number[]): Float32Array;
}

/** Those of the origins that enough was measured before for a device to forecast, its lead-in included. */
export function withHistory(series: HourlySeries, origins: readonly number[]): number[] {
  const extended = withLeadIn(series);
  return origins.filter((origin) => hasHistory(extended, origin + LEAD_IN_HOURS));
}

function writeCalendar(
  calendar: Calendar,
  layout: FeatureLayout,
  flags: EventFlags,
  start: number,
  into: Float32Array,
): void {
  const width = layout.calendarColumns.length;
  const hours = calendar.hours(start, HORIZON_HOURS);
  const plain = width - layout.eventFlags.length;
  for (let i = 0; i < HORIZON_HOURS; i++) {
    const row = into.subarray(i * width, (i + 1) * width);
    const day = hours.day[i] ?? 0;
    const phase = 2 * Math.PI * (hours.annualPhase[i] ?? 0);
    row[CALENDAR_AT.hour + (hours.hour[i] ?? 0)] = 1;
    row[CALENDAR_AT.weekday + (hours.weekday[i] ?? 0)] = 1;
    row[CALENDAR_AT.holiday] = hours.holiday[i] ?? 0;
    row[CALENDAR_AT.annual] = Math.sin(phase);
    row[CALENDAR_AT.annual + 1] = Math.cos(phase);
    row[CALENDAR_AT.workingDay] = hours.workingDay[i] ?? 0;
    row[CALENDAR_AT.neighbours] = Number(calendar.localDay(day - 1).holiday);
    row[CALENDAR_AT.neighbours + 1] = Number(calendar.localDay(day + 1).holiday);
    layout.eventFlags.forEach((label, k) => {
      row[plain + k] = Number(flags(label, start + i * HOUR_MS));
    });
  }
}

function writeEventHistory(
  { eventFlags }: FeatureLayout,
  flags: EventFlags,
  issueTime: number,
  into: Float32Array,
): void {
  const from = issueTime - EVENT_HOURS * HOUR_MS;
  for (let i = 0; i < EVENT_HOURS; i++) {
    eventFlags.forEach((label, k) => {
      into[i * eventFlags.length + k] = Number(flags(label, from + i * HOUR_MS));
    });
  }
}

const SATURDAY = 5;
const SUNDAY = 6;

function writeDayTypes(calendar: Calendar, issueTime: number, into: Float32Array): void {
  const hours = calendar.hours(issueTime - HISTORY_HOURS * HOUR_MS, HISTORY_HOURS);
  for (let i = 0; i < HISTORY_HOURS; i++) {
    const rest = hours.holiday[i] === 1 || hours.weekday[i] === SUNDAY;
    into[i] = rest ? 2 : Number(hours.weekday[i] === SATURDAY);
  }
}

function checkHistory(load: ArrayLike<number>): void {
  if (load.length !== HISTORY_HOURS) {
    throw new RangeError(`a forecast needs ${HISTORY_HOURS} hours of history, not ${load.length}`);
  }
  for (let i = 0; i < load.length; i++) {
    if (!Number.isFinite(load[i])) throw new RangeError(`hour ${i} of the history is ${load[i]}, not a load`);
  }
}

/** Hours that go before a series, its first week repeated backwards, so that early origins have a history. */
const LEAD_IN_HOURS = HISTORY_HOURS + 168;

/** First position of a series that rows are built for: fifteen days, so that two weeks before are known. */
export const FIRST_ORIGIN = 360;

function withLeadIn(series: HourlySeries): HourlySeries {
  const extended = (values: Float64Array): Float64Array => {
    const longer = new Float64Array(LEAD_IN_HOURS + values.length);
    longer.set(values, LEAD_IN_HOURS);
    for (let i = LEAD_IN_HOURS - 1; i >= 0; i--) longer[i] = longer[i + 168] ?? Number.NaN;
    return longer;
  };
  return {
    start: series.start - LEAD_IN_HOURS * HOUR_MS,
    load: extended(series.load),
    temperature: series.temperature === null ? null : extended(series.temperature),
  };
}

/** Values right-aligned in a block, NaN where there are none. */
function writeMeasured(block: Float32Array, values: ArrayLike<number> | null, place: 'start' | 'end'): void {
  const given = Array.from(values ?? []);
  block.fill(Number.NaN);
  if (place === 'start') block.set(given.slice(0, block.length));
  else block.set(given.slice(-block.length), Math.max(0, block.length - given.length));
}

/** Builds rows by `layout` with the calendar and event flags of a site. */
export function createInputRows(
  layout: FeatureLayout,
  calendar: Calendar,
  flags: EventFlags = noEventFlags,
): InputRows {
  const writers: Record<LayoutBlock['name'], (known: KnownAtIssue, block: Float32Array) => void> = {
    history: (known, block) => block.set(known.load),
    history_day_type: (known, block) => writeDayTypes(calendar, known.issueTime, block),
    calendar: (known, block) => writeCalendar(calendar, layout, flags, known.issueTime, block),
    history_event_flags: (known, block) => writeEventHistory(layout, flags, known.issueTime, block),
    temperature_history: (known, block) => writeMeasured(block, known.temperature, 'end'),
    temperature_forecast: (known, block) => writeMeasured(block, known.temperatureForecast, 'start'),
    price_history: (known, block) => writeMeasured(block, known.price ?? null, 'end'),
    price_forecast: (known, block) => writeMeasured(block, known.priceForecast ?? null, 'start'),
  };
  const write = (known: KnownAtIssue, into: Float32Array): void => {
    checkHistory(known.load);
    for (const { name, offset, shape } of layout.blocks) {
      const size = shape.reduce((n, d) => n * d, 1);
      writers[name](known, into.subarray(offset, offset + size));
    }
  };

  return {
    layout,
    row(known) {
      const into = new Float32Array(layout.width);
      write(known, into);
      return into;
    },
    rows(series, origins) {
      const into = new Float32Array(origins.length * layout.width);
      const extended = withLeadIn(series);
      origins.forEach((origin, i) => {
        if (origin < FIRST_ORIGIN) throw new RangeError(`origin ${origin} lies before hour ${FIRST_ORIGIN}`);
        const { load, temperature } = bridgeSeries(extended, origin + LEAD_IN_HOURS);
        const issueTime = series.start + origin * HOUR_MS;
        const known = { issueTime, load, temperature, ...outlookAt(series.outlook ?? noOutlook, issueTime) };
        write(known, into.subarray(i * layout.width, (i + 1) * layout.width));
      });
      return into;
    },
  };
}
