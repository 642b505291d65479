import { HOUR_MS } from '../forecasting/series.ts';
import type { Reading } from '../ports/telemetry.ts';

/** Which readings of a local program the device believes. */

/** Why a reading is not stored. */
export interface RefusedReading {
  readonly hour: string;
  readonly code: 'not-over' | 'too-old' | 'implausible';
  /** What is wrong and what to do. */
  readonly detail: string;
}

interface CheckedReadings {
  readonly taken: readonly Reading[];
  readonly refused: readonly RefusedReading[];
}

/** What speaks for or against a reading. */
interface ReadingBounds {
  /** Hours before this one are over, epoch ms. */
  readonly over: number;
  /** The oldest hour that is kept, epoch ms. */
  readonly keptFrom: number;
  /** Greatest power that is no mistake of the unit, kW. */
  readonly mostKw: number;
}

const POWERS = ['loadKw', 'batteryKw', 'pvKw', 'max15Kw'] as const;
/** A value so many times the greatest ever seen is one in W: no plant grows like that from one hour to the next. */
const JUMP = 50;
/** A site that idles may begin to work: up to this nothing is a jump, kW. */
const NO_JUMP_KW = 1_000;
/** Fewer known hours than a day say nothing of a site's size. */
const LEAST_HOURS = 24;

/** The greatest power that a site may show, kW, by what it showed and what it contracted (null where unknown). */
export function mostPlausibleKw(known: readonly Reading[], contractKw: number | null): number {
  const loads = known.flatMap(({ loadKw }) => (loadKw === undefined ? [] : [Math.abs(loadKw)]));
  if (loads.length < LEAST_HOURS) return Number.POSITIVE_INFINITY;
  const greatest = loads.reduce((a, b) => Math.max(a, b), contractKw ?? 0);
  return Math.max(NO_JUMP_KW, JUMP * greatest);
}

function refusalOf(reading: Reading, bounds: ReadingBounds): RefusedReading | null {
  const { hour } = reading;
  const at = Date.parse(hour);
  if (at >= bounds.over) {
    const running = new Date(bounds.over).toISOString();
    return {
      hour,
      code: 'not-over',
      detail: `the hour is not over: it is the one of ${running} here; check both clocks`,
    };
  }
  if (at < bounds.keptFrom)
    return { hour, code: 'too-old', detail: `readings are kept for ${daysOf(bounds)} days` };
  const huge = POWERS.find((name) => Math.abs(reading[name] ?? 0) > bounds.mostKw);
  if (huge === undefined) return null;
  const most = Math.round(bounds.mostKw);
  const detail = `${huge} ${reading[huge]} is beyond ${most} kW, ${JUMP} times what the site has shown: send kW, not W`;
  return { hour, code: 'implausible', detail };
}

const daysOf = ({ over, keptFrom }: ReadingBounds): number => Math.round((over - keptFrom) / HOUR_MS / 24);

/** Sorts out what cannot have been measured. A smaller value than usual is the cleaning's to judge: sites stop. */
export function checkReadings(readings: readonly Reading[], bounds: ReadingBounds): CheckedReadings {
  const refused = readings.map((reading) => refusalOf(reading, bounds)).filter((found) => found !== null);
  const taken = readings.filter((reading) => refusalOf(reading, bounds) === null);
  return { taken, refused };
}
