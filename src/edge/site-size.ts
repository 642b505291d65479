import type { Reading } from '../ports/telemetry.ts';

/** What a site's load looks like, by which a meter that sends another unit is told. */
export interface SiteSize {
  /** Between these lie nine tenths of its loads that are not zero, without their sign, kW; from 0 where it feeds in. */
  readonly lowKw: number;
  readonly highKw: number;
  /** Greatest power that is no mistake of the unit, kW. */
  readonly mostKw: number;
}

/** A value so many times the greatest ever seen is one in W: no plant grows like that from one hour to the next. */
const JUMP = 50;
/** A site that idles may begin to work: up to this nothing is a jump, kW. */
const NO_JUMP_KW = 1_000;
/** A load so many times the usual one is of another unit, also where it was stored: the cloud marks it, as it came. */
const UNUSUAL = 100;
/** Fewer known hours than a day say nothing of a site's size. */
const LEAST_HOURS = 24;
/** A load below this share of what the site shows at its lowest is a drop-out, as the cleaning has it, … */
const DROP_SHARE = 0.05;
/** … and one in MW where a thousand times as much is what the site shows, give or take. */
const LIKENESS = 2;
const THOUSAND = 1_000;

const quantile = (sorted: readonly number[], level: number): number =>
  sorted[Math.floor(level * (sorted.length - 1))] ?? 0;

/** The greatest load that is not itself one of another unit; `sorted` is ascending. */
function greatestOf(sorted: readonly number[], contractKw: number): number {
  const most = UNUSUAL * Math.max(quantile(sorted, 0.5), contractKw);
  return Math.max(sorted.findLast((load) => load <= most) ?? 0, contractKw);
}

/** By what the site showed and what it contracted (kW, null where unknown); null where less than a day is known. */
export function siteSize(known: readonly Reading[], contractKw: number | null): SiteSize | null {
  const loads = known.flatMap(({ loadKw }) => (loadKw === undefined ? [] : [Math.abs(loadKw)]));
  if (loads.length < LEAST_HOURS) return null;
  const sorted = loads.filter((load) => load > 0).sort((a, b) => a - b);
  const crossesZero =
    known.some(({ loadKw = 0 }) => loadKw < 0) && known.some(({ loadKw = 0 }) => loadKw > 0);
  return {
    lowKw: crossesZero ? 0 : quantile(sorted, 0.05),
    highKw: quantile(sorted, 0.95),
    mostKw: Math.max(NO_JUMP_KW, JUMP * greatestOf(sorted, contractKw ?? 0)),
  };
}

/** The unit that a power seems to be in: W and MW are mistakes. Zero is a site that stands still. */
export function unitOf(kw: number, { lowKw, highKw, mostKw }: SiteSize): 'W' | 'kW' | 'MW' {
  const size = Math.abs(kw);
  if (size > mostKw) return 'W';
  const asMw = THOUSAND * size;
  const isLike = asMw >= lowKw / LIKENESS && asMw <= highKw * LIKENESS;
  return size > 0 && size < DROP_SHARE * lowKw && isLike ? 'MW' : 'kW';
}
