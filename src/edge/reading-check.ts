import type { ExpectedStop } from '../forecasting/cleaning/stops.ts';
import { HOUR_MS } from '../forecasting/series.ts';
import type { Sample } from '../ports/device-store.ts';
import type { Reading } from '../ports/telemetry.ts';
import { type SiteSize, unitOf } from './site-size.ts';

/** Which readings of a local program the device believes. */

/** Why a reading, or a sample, is not stored. */
export interface RefusedReading {
  /** Beginning of the hour, or of the sample. */
  readonly hour: string;
  readonly code: 'not-over' | 'too-old' | 'implausible';
  /** What is wrong and what to do. */
  readonly detail: string;
}

interface Checked<Given> {
  readonly taken: readonly Given[];
  readonly refused: readonly RefusedReading[];
}

/** What speaks for or against a reading. */
export interface ReadingBounds {
  /** Site clock, epoch ms: what ends well after this is not over. */
  readonly now: number;
  /** The oldest hour that is kept, epoch ms. */
  readonly keptFrom: number;
  /** Null while too little is known of the site. */
  readonly size: SiteSize | null;
  /** Hours in which the site may well stand still. */
  readonly stops: ExpectedStop;
}

const POWERS = ['loadKw', 'batteryKw', 'pvKw', 'max15Kw'] as const;

type Given = Reading | Sample;

/** A meter whose clock runs a little ahead may tell of what is just about to end here: by a fifth of it at most. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
const TOLERATED_SHARE = 0.2;

const isSample = (given: Given): given is Sample => 'minutes' in given;
const beginOf = (given: Given): string => (isSample(given) ? given.at : given.hour);
const lengthOf = (given: Given): number => (isSample(given) ? given.minutes * 60_000 : HOUR_MS);

/** Epoch ms of the end of the newest. */
export const latestEnd = (given: readonly Given[]): number =>
  given.reduce((latest, one) => Math.max(latest, Date.parse(beginOf(one)) + lengthOf(one)), -Infinity);

function untimely(given: Given, { now, keptFrom }: ReadingBounds): Omit<RefusedReading, 'hour'> | null {
  const begin = Date.parse(beginOf(given));
  const tolerance = Math.min(CLOCK_TOLERANCE_MS, TOLERATED_SHARE * lengthOf(given));
  if (begin + lengthOf(given) > now + tolerance) {
    const what = isSample(given) ? `these ${given.minutes} minutes are` : 'the hour is';
    const here = new Date(now).toISOString();
    const detail = `${what} not over: it is ${here} here; check both clocks, and give the beginning in UTC`;
    return { code: 'not-over', detail };
  }
  if (begin >= keptFrom) return null;
  const days = Math.round((now - keptFrom) / HOUR_MS / 24);
  return { code: 'too-old', detail: `readings are kept for ${days} days` };
}

function ofAnotherUnit(given: Given, { size, stops }: ReadingBounds): Omit<RefusedReading, 'hour'> | null {
  if (size === null) return null;
  const values: Reading = { hour: beginOf(given), ...given };
  for (const name of POWERS) {
    const unit = unitOf(values[name] ?? 0, size);
    if (unit === 'W')
      return {
        code: 'implausible',
        detail: `${name} ${values[name]} is beyond ${Math.round(size.mostKw)} kW, which is far more than the site has shown: send kW, not W`,
      };
    if (unit === 'MW' && name === 'loadKw' && !stops(Date.parse(values.hour)))
      return {
        code: 'implausible',
        detail: `loadKw ${values[name]} is what the site shows in MW (${size.lowKw.toFixed(1)} to ${size.highKw.toFixed(1)} kW): send kW, not MW; where it stands still, say so by an event flag`,
      };
  }
  return null;
}

function refusalOf(given: Given, bounds: ReadingBounds): RefusedReading | null {
  const refusal = untimely(given, bounds) ?? ofAnotherUnit(given, bounds);
  return refusal && { hour: beginOf(given), ...refusal };
}

/** Sorts out what cannot have been measured. A smaller value than usual is the cleaning's to judge: sites stop. */
export function checkReadings<One extends Given>(given: readonly One[], bounds: ReadingBounds): Checked<One> {
  const judged = given.map((one) => ({ one, refusal: refusalOf(one, bounds) }));
  return {
    taken: judged.flatMap(({ one, refusal }) => (refusal === null ? [one] : [])),
    refused: judged.flatMap(({ refusal }) => refusal ?? []),
  };
}
