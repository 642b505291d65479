import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import { parseDate } from '../../forecasting/calendar/day.ts';
import type { HourReading } from '../../forecasting/cleaning/readings.ts';
import { BadSetting } from '../settings/read.ts';

/** A change of the load that a replay lays over what was measured, to see what is made of it. */
export interface Fault {
  /** First hour that is changed, epoch ms: a local midnight. */
  readonly from: number;
  /** Local hours of the day that are changed; null for all. */
  readonly hours: ReadonlySet<number> | null;
  readonly factor: number;
}

const LEVEL = /^level:(\d{4}-\d{2}-\d{2}):(\d+(?:\.\d+)?)$/;
const HOURS = /^hours:(\d{4}-\d{2}-\d{2}):(\d{1,2}(?:,\d{1,2})*):(\d+(?:\.\d+)?)$/;
const FORMS = 'level:2019-03-04:1.4 or hours:2019-05-06:13,14,15:1.5';
const MOST = 100;

function midnightOf(date: string, calendar: Calendar): number {
  const day = parseDate(date);
  if (day === null) throw new BadSetting('--inject', `${date} is no date; write ${FORMS}`);
  return calendar.startOf(day);
}

function factorOf(text: string): number {
  const factor = Number(text);
  if (factor > 0 && factor <= MOST) return factor;
  throw new BadSetting('--inject', `the factor ${text} must be above 0 and at most ${MOST}`);
}

function hoursOf(text: string): ReadonlySet<number> {
  const hours = text.split(',').map(Number);
  const wrong = hours.find((hour) => hour > 23);
  if (wrong !== undefined) throw new BadSetting('--inject', `hour ${wrong} is none of a day; write 0 to 23`);
  return new Set(hours);
}

/** Reads `level:DATE:FACTOR` or `hours:DATE:H,H,H:FACTOR`. Throws {@link BadSetting}. */
export function parseFault(text: string, calendar: Calendar): Fault {
  const [, levelDate, level] = LEVEL.exec(text) ?? [];
  if (levelDate !== undefined && level !== undefined)
    return { from: midnightOf(levelDate, calendar), hours: null, factor: factorOf(level) };
  const [, date, hours, factor] = HOURS.exec(text) ?? [];
  if (date !== undefined && hours !== undefined && factor !== undefined)
    return { from: midnightOf(date, calendar), hours: hoursOf(hours), factor: factorOf(factor) };
  throw new BadSetting('--inject', `${JSON.stringify(text)} is no fault; write ${FORMS}`);
}

/** The reading as the faults make it: the meter and its highest quarter of an hour are multiplied. */
export function withFaults(reading: HourReading, faults: readonly Fault[], calendar: Calendar): HourReading {
  const factor = faults
    .filter(({ from, hours }) => reading.hour >= from && (hours?.has(calendar.hourOf(reading.hour)) ?? true))
    .reduce((product, fault) => product * fault.factor, 1);
  if (factor === 1) return reading;
  const { loadKw, max15Kw } = reading;
  return {
    ...reading,
    ...(loadKw === undefined ? {} : { loadKw: loadKw * factor }),
    ...(max15Kw === undefined ? {} : { max15Kw: max15Kw * factor }),
  };
}
