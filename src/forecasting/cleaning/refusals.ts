import { type Finding, type HourNames, lengthOf, placesOf, type Span, UnusableData } from './findings.ts';
import { gapsOf } from './gaps.ts';
import type { LevelChange } from './levels.ts';

/** Share of the window's hours that may stay missing after small gaps are filled. */
const MISSING_SHARE = 0.2;
/** Share of the test days' hours that may be missing. */
const TEST_MISSING_SHARE = 0.5;
/** Hours equal to the one before in more than this share of a series: it is no measurement. */
const CONSTANT_SHARE = 0.9;

/** Days at the window's end that judge the model: 14, or 7 when the window is under 45 days. */
function testDaysOf(windowHours: number): number {
  return windowHours < 45 * 24 ? 7 : 14;
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

/** Share of hours that repeat the hour before, of those where both were measured. */
function repeatedShare(load: Float64Array): number {
  const steps = load.subarray(1).map((value, i) => value - (load[i] ?? Number.NaN));
  const measured = steps.filter((step) => !Number.isNaN(step));
  return measured.filter((step) => step === 0).length / Math.max(1, measured.length);
}

/** @throws {UnusableData} constant-load */
export function refuseConstant(load: Float64Array, names: HourNames): void {
  const repeated = repeatedShare(load);
  if (repeated <= CONSTANT_SHARE) return;
  const first = load.findIndex(Number.isFinite);
  throw new UnusableData(
    'constant-load',
    `The load hardly ever changes: ${percent(repeated)} of the hours repeat the one before ` +
      `(${names.at(first)}: ${load[first]} kW). The meter or its link is stuck, or the wrong channel is read.`,
  );
}

/** @throws {UnusableData} unit-jump */
export function refuseUnitJump(jump: LevelChange, names: HourNames, findings: readonly Finding[]): never {
  throw new UnusableData(
    'unit-jump',
    `From ${names.at(jump.position)} on the load is about ${jump.after.toPrecision(3)} kW, before about ` +
      `${jump.before.toPrecision(3)} kW: a unit was changed (W, kW or MW). Correct the readings to kW throughout.`,
    findings,
  );
}

function missingIn(load: Float64Array, { from, to }: Span): Span[] {
  return gapsOf(load.subarray(from, to)).map((gap) => ({ from: gap.from + from, to: gap.to + from }));
}

/** @throws {UnusableData} too-many-gaps, test-days-missing */
export function refuseGaps(
  load: Float64Array,
  window: Span,
  names: HourNames,
  findings: readonly Finding[],
): void {
  const hours = window.to - window.from;
  const gaps = missingIn(load, window);
  const missing = lengthOf(gaps) / hours;
  if (missing > MISSING_SHARE) {
    throw new UnusableData(
      'too-many-gaps',
      `${percent(missing)} of the window's ${hours} hours have no usable load, at most ${percent(MISSING_SHARE)} may: ` +
        `${placesOf(gaps, names)}. Import the missing readings, or choose a window without them.`,
      findings,
    );
  }
  const testDays = testDaysOf(hours);
  const test = { from: window.to - testDays * 24, to: window.to };
  const lost = missingIn(load, test);
  if (lengthOf(lost) <= TEST_MISSING_SHARE * testDays * 24) return;
  throw new UnusableData(
    'test-days-missing',
    `More than half of the last ${testDays} days, by which the model would be judged, have no usable load: ` +
      `${placesOf(lost, names)}. Import the missing readings, or train again when the meter has run for a week.`,
    findings,
  );
}
