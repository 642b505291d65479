import type { HourlySeries } from '../series.ts';
import { HOUR_MS, noOutlook } from '../series.ts';
import { clockFindings } from './clock.ts';
import { type Faults, maskFaults } from './faults.ts';
import {
  createHourNames,
  type Finding,
  type FindingCode,
  type HourNames,
  lengthOf,
  placesOf,
  type Span,
} from './findings.ts';
import { FILL_HOURS, fillGaps, gapsOf } from './gaps.ts';
import { type Grid, layOnGrid } from './grid.ts';
import { findLevelShifts, findUnitJump } from './levels.ts';
import { publishedPrices } from './prices.ts';
import type { HourReading } from './readings.ts';
import { refuseConstant, refuseGaps, refuseUnitJump } from './refusals.ts';
import { expectedStops } from './stops.ts';
import { findWindow, type TrainingWindow, type WindowRequest } from './window.ts';

/** A temperature measured in fewer hours than this share is of no use. */
const TEMPERATURE_SHARE = 0.5;

/** What cleaning found in a window, and what it did. */
interface CleaningReport {
  /** The window's first hour and the hour after its last, epoch ms; it may be shorter than was asked for. */
  readonly from: number;
  readonly to: number;
  readonly hours: number;
  /** Hours of the window in gaps that are filled for each forecast, and in longer ones, which are not. */
  readonly filledHours: number;
  readonly missingHours: number;
  /** Hours of the window with a gross load below zero. */
  readonly negativeHours: number;
  readonly findings: readonly Finding[];
}

export interface CleanedData {
  /** Warm-up hours, then the window. */
  readonly series: HourlySeries;
  readonly warmupHours: number;
  readonly report: CleaningReport;
}

function countIn(values: Float64Array, { from, to }: Span, holds: (value: number) => boolean): number {
  return values.subarray(from, to).reduce((sum, value) => sum + Number(holds(value)), 0);
}

/** A finding when it happened at all. */
function finding(code: FindingCode, hours: number, message: string): Finding[] {
  return hours === 0 ? [] : [{ code, message, hours }];
}

function places(code: FindingCode, spans: readonly Span[], names: HourNames, told: string): Finding[] {
  return spans.length === 0 ? [] : finding(code, lengthOf(spans), `${told}: ${placesOf(spans, names)}.`);
}

function gridFindings(grid: Grid): Finding[] {
  const { duplicates, conflicts, faulty, incomplete, load, hasSolar } = grid;
  const negative = countIn(load, { from: 0, to: load.length }, (value) => value < 0);
  const sign = hasSolar
    ? 'although solar was added: check the signs of the meter, battery and solar'
    : 'which is solar without a reading of its own; they count, and errors are then judged as a share of the sum';
  return [
    ...finding(
      'duplicates',
      duplicates,
      `Hours that came more than once: ${duplicates}, with another value: ${conflicts}; the last one counts.`,
    ),
    ...finding(
      'non-finite',
      faulty,
      `Values that are no number or beyond any plant, taken as missing: ${faulty}.`,
    ),
    ...finding(
      'component-missing',
      incomplete,
      `Hours with a meter reading but none of the battery or solar beside it, taken as missing: ${incomplete}.`,
    ),
    ...finding('negative-load', negative, `Hours below zero: ${negative}, ${sign}.`),
  ];
}

function faultFindings(faults: Faults, names: HourNames): Finding[] {
  return [
    ...places(
      'zero-runs',
      faults.zeroRuns,
      names,
      'Exactly 0 kW where the site is not usually at zero, taken as missing',
    ),
    ...places('flat-lines', faults.flatLines, names, 'The meter stood still, taken as missing'),
    ...places('spikes', faults.spikes, names, 'Over three times the usual daily maximum, taken as missing'),
    ...places(
      'drop-outs',
      faults.dropOuts,
      names,
      'Below a twentieth of the usual daily minimum, taken as missing',
    ),
    ...finding(
      'peaks-kept',
      faults.peaksKept,
      `Over three times the usual daily maximum, but too often to be a fault, left in: ${faults.peaksKept} h.`,
    ),
  ];
}

function shiftFindings(load: Float64Array, names: HourNames): Finding[] {
  const shifts = findLevelShifts(load);
  const told = shifts
    .slice(0, 3)
    .map(
      ({ position, before, after }) =>
        `${names.at(position)} from ${before.toPrecision(3)} to ${after.toPrecision(3)} kW`,
    );
  const more = shifts.length > told.length ? `; and ${shifts.length - told.length} more` : '';
  const message = `The level of the load changed for a fortnight or longer; left in: ${told.join('; ')}${more}.`;
  return finding('level-shift', shifts.length, message);
}

/** Temperature, or null where there is no sensor worth the name. */
function cleanTemperature(values: Float64Array): {
  readonly values: Float64Array | null;
  readonly findings: Finding[];
} {
  const hours = values.length;
  const measured = countIn(values, { from: 0, to: hours }, Number.isFinite);
  if (measured === 0) return { values: null, findings: [] };
  if (measured < TEMPERATURE_SHARE * hours) {
    const message = `The temperature was measured in ${measured} of ${hours} h only; it is not used.`;
    return { values: null, findings: finding('temperature-dropped', hours - measured, message) };
  }
  const filled = values.slice();
  fillGaps(filled);
  const left = countIn(filled, { from: 0, to: hours }, Number.isNaN);
  const message = `The temperature is missing in ${hours - measured} h; gaps of up to ${FILL_HOURS} h are filled, ${left} h stay missing.`;
  return { values, findings: finding('temperature-gaps', hours - measured, message) };
}

/** Drops warm-up hours before a unit jump that lies before the window. */
function cutAtJump(grid: Grid, window: TrainingWindow, names: HourNames, findings: Finding[]): number {
  const jump = findUnitJump(grid.load);
  if (jump === null) return 0;
  if (grid.start + jump.position * HOUR_MS > window.from) refuseUnitJump(jump, names, findings);
  const message = `Until ${names.at(jump.position)} the load was recorded in another unit; the hours before are left out.`;
  findings.push(...finding('unit-jump', jump.position, message));
  return jump.position;
}

/** Battery and solar where the site has them, and prices as the market published them. */
function besides(grid: Grid, cut: number, readings: readonly HourReading[]) {
  const measured = (values: Float64Array): boolean => values.some(Number.isFinite);
  const price = publishedPrices(readings);
  return {
    ...(measured(grid.battery) ? { battery: grid.battery.slice(cut) } : {}),
    ...(measured(grid.pv) ? { pv: grid.pv.slice(cut) } : {}),
    ...(price.length > 0 ? { outlook: { ...noOutlook, price } } : {}),
  };
}

/**
 * Turns readings into an hourly series of gross load that models can be trained on, and says what it did.
 * Metering faults are taken out, and gaps stay NaN: the history of each forecast fills those of up to
 * {@link FILL_HOURS} hours from what was known when it was issued, and nothing is learnt from or judged by a value
 * that nobody measured. At most a fifth of the window may lie in longer gaps. The same readings give the same
 * series.
 * @throws {UnusableData} with a message for the plant's people
 */
export function cleanReadings(readings: readonly HourReading[], request: WindowRequest): CleanedData {
  const found = findWindow(readings, request);
  const grid = layOnGrid(readings, found.start, found.to);
  const gridNames = createHourNames(grid.start, request.calendar);
  refuseConstant(grid.load, gridNames);

  const findings = [...found.findings, ...gridFindings(grid)];
  const clock = clockFindings(grid.load, grid.start, request.calendar, gridNames);
  const stops = expectedStops(request.calendar, request.eventFlags);
  findings.push(...faultFindings(maskFaults(grid.load, grid.start, stops), gridNames));
  const cut = cutAtJump(grid, found, gridNames, findings);

  const start = grid.start + cut * HOUR_MS;
  const load = grid.load.slice(cut);
  const names = createHourNames(start, request.calendar);
  findings.push(...shiftFindings(load, names), ...clock);
  const whole = load.slice();
  const filled = fillGaps(whole);
  findings.push(...places('gaps-filled', filled, names, `Gaps of up to ${FILL_HOURS} h, filled`));
  findings.push(...places('gaps-left', gapsOf(whole), names, 'Longer gaps, left missing'));
  const temperature = cleanTemperature(grid.temperature.slice(cut));
  findings.push(...temperature.findings);

  const window = { from: (found.from - start) / HOUR_MS, to: load.length };
  refuseGaps(whole, window, names, findings);
  return {
    series: { start, load, temperature: temperature.values, ...besides(grid, cut, readings) },
    warmupHours: window.from,
    report: {
      from: found.from,
      to: found.to,
      hours: window.to - window.from,
      filledHours: lengthOf(filled.filter(({ from }) => from >= window.from)),
      missingHours: countIn(whole, window, Number.isNaN),
      negativeHours: countIn(load, window, (value) => value < 0),
      findings,
    },
  };
}
