import type { Calendar } from '../calendar/calendar.ts';
import type { EventFlag } from '../features/event-flags.ts';
import { HOUR_MS } from '../series.ts';
import { createHourNames, type Finding, UnusableData } from './findings.ts';
import type { HourReading } from './readings.ts';

/** Days that a training window must span. */
const MINIMUM_DAYS = 30;

/** Readings may begin or end so much inside of the window without it being shortened. */
const EDGE_HOURS = 24;

const DAY_HOURS = 24;

/** What is asked for: training hours `from <= hour < to`, and hours before that warm up the lags. */
export interface WindowRequest {
  readonly calendar: Calendar;
  /** Whole hours, epoch ms. */
  readonly from: number;
  readonly to: number;
  /** First hour that may be used for warm-up; `from` when absent. */
  readonly warmupFrom?: number;
  /** Hours that the site's people marked; a stop in them is no fault. */
  readonly eventFlags?: readonly EventFlag[];
}

/** The window that the readings allow. */
export interface TrainingWindow {
  readonly start: number;
  readonly from: number;
  readonly to: number;
  readonly findings: readonly Finding[];
}

function refuseOddHours(hours: readonly number[], request: WindowRequest): void {
  const odd = hours.find((hour) => hour % HOUR_MS !== 0);
  if (odd === undefined) return;
  throw new UnusableData(
    'wrong-cadence',
    `A reading is stamped ${new Date(odd).toISOString()}, which is no full hour in UTC. ` +
      `Send one reading an hour, stamped with the hour's start (site zone ${request.calendar.zone}).`,
  );
}

function refuseOtherCadence(hours: readonly number[]): void {
  const times = new Map<number, number>();
  for (const [i, hour] of hours.entries()) {
    const step = (hour - (hours[i - 1] ?? Number.NaN)) / HOUR_MS;
    if (step > 0) times.set(step, (times.get(step) ?? 0) + 1);
  }
  const [usual] = [...times].sort((a, b) => b[1] - a[1])[0] ?? [1];
  if (usual === 1) return;
  throw new UnusableData(
    'wrong-cadence',
    `The readings come every ${usual} hours, and one an hour is needed. Set the meter or the export to hourly values.`,
  );
}

function measuredHours(readings: readonly HourReading[], request: WindowRequest): number[] {
  const first = request.warmupFrom ?? request.from;
  return readings
    .filter(({ hour, loadKw }) => hour >= first && hour < request.to && Number.isFinite(loadKw))
    .map(({ hour }) => hour)
    .sort((a, b) => a - b);
}

function shortened(request: WindowRequest, from: number, to: number): Finding[] {
  if (from === request.from && to === request.to) return [];
  const names = createHourNames(from, request.calendar);
  const hours = (to - from) / HOUR_MS;
  const asked = (request.to - request.from) / HOUR_MS;
  return [
    {
      code: 'window-shortened',
      message:
        `The window is ${(hours / DAY_HOURS).toFixed(1)} days instead of ${(asked / DAY_HOURS).toFixed(1)}: ` +
        `there are readings only for ${names.span({ from: 0, to: hours })}.`,
      hours: asked - hours,
    },
  ];
}

/**
 * Finds the part of the requested window that the readings cover.
 * @throws {UnusableData} no-data, wrong-cadence, too-short
 */
export function findWindow(readings: readonly HourReading[], request: WindowRequest): TrainingWindow {
  const hours = measuredHours(readings, request);
  const inWindow = hours.filter((hour) => hour >= request.from);
  const first = inWindow[0];
  const last = inWindow.at(-1);
  const names = createHourNames(request.from, request.calendar);
  if (first === undefined || last === undefined) {
    const asked = names.span({ from: 0, to: Math.max(1, (request.to - request.from) / HOUR_MS) });
    throw new UnusableData(
      'no-data',
      `There is no load reading for ${asked}. Import or send readings first.`,
    );
  }
  refuseOddHours(hours, request);
  refuseOtherCadence(hours);
  const late = first - request.from >= EDGE_HOURS * HOUR_MS;
  const early = request.to - last > EDGE_HOURS * HOUR_MS;
  const from = late ? first : request.from;
  const to = early ? last + HOUR_MS : request.to;
  if (to - from < MINIMUM_DAYS * DAY_HOURS * HOUR_MS) {
    const covered = createHourNames(first, request.calendar).span({
      from: 0,
      to: (last - first) / HOUR_MS + 1,
    });
    const days = (to - from) / (DAY_HOURS * HOUR_MS);
    throw new UnusableData(
      'too-short',
      `The readings cover ${days.toFixed(1)} days (${covered}), and a training or an evaluation needs at least ${MINIMUM_DAYS}. ` +
        'Import older readings or wait until there are enough.',
    );
  }
  return { start: Math.min(hours[0] ?? from, from), from, to, findings: shortened(request, from, to) };
}
