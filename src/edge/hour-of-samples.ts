import { HOUR_MS } from '../forecasting/series.ts';
import type { Sample } from '../ports/device-store.ts';
import type { Reading } from '../ports/telemetry.ts';

/** Hours made of what was measured over 5 or 15 minutes, by the rules by which files of such rows are read. */

const HOUR_MINUTES = 60;
const QUARTER_MINUTES = 15;
const QUARTERS = [0, 1, 2, 3];
/** An hour's mean takes this share of its minutes. */
const ENOUGH = 0.75;

type Value = 'loadKw' | 'batteryKw' | 'pvKw' | 'temperatureC';
const VALUES: readonly Value[] = ['loadKw', 'batteryKw', 'pvKw', 'temperatureC'];

/** An hour as its samples have it by now. */
export interface MadeHour {
  /** Values of which too little was measured are absent; none at all is null. */
  readonly reading: Reading | null;
  /** Every minute of it was measured. */
  readonly isComplete: boolean;
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

const valuesOf = (samples: readonly Sample[], name: Value): readonly number[] =>
  samples.flatMap(({ [name]: value }) => (value === undefined ? [] : [value]));

/** Means of 5 and of 15 minutes are not mixed: those count that cover more of the hour, the finer where both do. */
function alike(samples: readonly Sample[]): readonly Sample[] {
  const [fine, coarse] = [5, 15].map((width) => samples.filter(({ minutes }) => minutes === width));
  const covered = (some: readonly Sample[] = []): number =>
    some.reduce((sum, { minutes }) => sum + minutes, 0);
  return (covered(fine) >= covered(coarse) ? fine : coarse) ?? [];
}

/** The highest mean of a quarter of the hour; undefined unless every minute of all four was measured. */
function highestQuarter(hour: number, samples: readonly Sample[], minutes: number): number | undefined {
  const quarters = QUARTERS.map((quarter) => {
    const begin = hour + quarter * QUARTER_MINUTES * 60_000;
    const within = samples.filter(({ at }) => {
      const after = Date.parse(at) - begin;
      return after >= 0 && after < QUARTER_MINUTES * 60_000;
    });
    return valuesOf(within, 'loadKw');
  });
  const isWhole = quarters.every((values) => values.length * minutes === QUARTER_MINUTES);
  return isWhole ? Math.max(...quarters.map(meanOf)) : undefined;
}

/**
 * The hour that begins at `hour` (epoch ms), from samples within it, one for each beginning and width: means of what was
 * measured in at least three quarters of its minutes, and the highest 15-minute load where all of it was measured.
 */
export function hourOfSamples(hour: number, given: readonly Sample[]): MadeHour {
  const samples = alike(given);
  const minutes = samples[0]?.minutes ?? HOUR_MINUTES;
  const means = VALUES.flatMap((name) => {
    const values = valuesOf(samples, name);
    return values.length * minutes >= ENOUGH * HOUR_MINUTES ? [[name, meanOf(values)] as const] : [];
  });
  const max15Kw = highestQuarter(hour, samples, minutes);
  const values = { ...Object.fromEntries(means), ...(max15Kw === undefined ? {} : { max15Kw }) };
  return {
    reading: means.length === 0 ? null : { hour: new Date(hour).toISOString(), ...values },
    isComplete: samples.length * minutes === HOUR_MINUTES,
  };
}

/** The beginnings of the hours that these samples are of, ascending. */
export const hoursOf = (samples: readonly Sample[]): readonly number[] =>
  [...new Set(samples.map(({ at }) => Math.floor(Date.parse(at) / HOUR_MS) * HOUR_MS))].sort((a, b) => a - b);
