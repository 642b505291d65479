import type { Calendar, LocalDay } from '../calendar/calendar.ts';
import type { Noise } from './noise.ts';

const ORDERS = 201;
const DAY = 202;
const STOP = 203;
const OVERTIME = 204;

/** Share of full production by local hour: two shifts from 6 to 22 h with breaks, and a small night crew. */
const WEEKDAY: readonly number[] = [
  0.16, 0.15, 0.15, 0.15, 0.18, 0.38, 0.72, 0.92, 0.98, 1, 1, 0.96, 0.8, 0.93, 0.94, 1, 0.99, 0.95, 0.82, 0.8,
  0.82, 0.74, 0.4, 0.22,
];
/** Saturday: the first shift, at half strength. */
const SATURDAY: readonly number[] = [
  0.16, 0.14, 0.13, 0.13, 0.15, 0.26, 0.42, 0.52, 0.55, 0.56, 0.55, 0.5, 0.4, 0.3, 0.18, 0.12, 0.1, 0.1, 0.1,
  0.1, 0.1, 0.1, 0.1, 0.1,
];
/** Cold rooms, compressors on idle, and maintenance. */
const CLOSED = 0.1;
/** On Mondays the ovens come up from cold. */
const MONDAY_START = 0.08;
/** Part of the crew takes the bridge day off. */
const BRIDGE = 0.55;
/** From noon on, on Ash Wednesday before noon. */
const HALF_DAY = 0.2;

function planned(day: LocalDay, local: number): number {
  if (day.holiday || day.weekday === 6) return CLOSED;
  const shifts = day.weekday === 5 ? SATURDAY : WEEKDAY;
  return shifts[local] ?? CLOSED;
}

function adjusted(day: LocalDay, local: number, share: number): number {
  if (share <= CLOSED) return share;
  const christmas = day.date.slice(5, 7) === '12';
  if (day.half && (christmas ? local >= 12 : local < 12)) return Math.max(CLOSED, HALF_DAY * share);
  if (day.bridge) return Math.max(CLOSED, BRIDGE * share);
  return day.weekday === 0 && local < 8 ? share + MONDAY_START : share;
}

/** Now and then a line stands still for some hours. */
function stopped(day: LocalDay, local: number, noise: Noise): number {
  if (noise.uniform(STOP, day.day) > 0.035) return 1;
  const from = 7 + Math.floor(8 * noise.uniform(STOP + 10, day.day));
  const length = 2 + Math.floor(5 * noise.uniform(STOP + 20, day.day));
  return local >= from && local < from + length ? 0.6 : 1;
}

/** Some Saturdays are worked until the evening to catch up. */
function overtime(day: LocalDay, local: number, noise: Noise): number {
  const worked = day.weekday === 5 && !day.holiday && noise.uniform(OVERTIME, day.day) < 0.06;
  return worked && local >= 12 && local < 20 ? 0.4 : 0;
}

/** How much of full production runs in the hour, 0 to about 1.1. */
export function productionAt(hour: number, calendar: Calendar, noise: Noise): number {
  const day = calendar.localDay(calendar.dayOf(hour));
  const local = calendar.hourOf(hour);
  const share = adjusted(day, local, planned(day, local)) * stopped(day, local, noise);
  const orders = 0.03 * noise.smooth(ORDERS, day.day / 12);
  const mood = 0.018 * noise.persistent(DAY, day.day, 0.6);
  return (share + overtime(day, local, noise)) * (1 + orders + mood);
}
