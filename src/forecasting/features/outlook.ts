import { HORIZON_HOURS } from '../horizon.ts';
import { HOUR_MS, type IssuedValues, type Outlook } from '../series.ts';
import { PRICE_HOURS } from './layout.ts';

/** What was issued longer ago than this before the first hour asked for speaks of none of them: 16 days. */
const OLDEST_MS = 16 * 24 * HOUR_MS;

/** Position of the first entry issued after `time`. */
function issuedUntil(issued: readonly IssuedValues[], time: number): number {
  let low = 0;
  let high = issued.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((issued[middle]?.issuedAt ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Writes what `issued` says of hours that nothing newer spoke of; returns how many it filled. */
function fillFrom({ start, values }: IssuedValues, from: number, into: Float64Array): number {
  const offset = (from - start) / HOUR_MS;
  let filled = 0;
  for (let i = Math.max(0, -offset); i < into.length && i + offset < values.length; i++) {
    const value = values[i + offset] as number;
    if (!Number.isNaN(into[i] as number) || Number.isNaN(value)) continue;
    into[i] = value;
    filled++;
  }
  return filled;
}

/**
 * What was known at `issueTime` of the `count` hours from `from` (epoch ms): hour by hour the newest value that
 * had been issued by then, NaN where there was none. Both times are whole hours.
 */
function knownAt(
  issued: readonly IssuedValues[],
  issueTime: number,
  from: number,
  count: number,
): Float64Array {
  const known = new Float64Array(count).fill(Number.NaN);
  let missing = count;
  for (let k = issuedUntil(issued, issueTime) - 1; k >= 0 && missing > 0; k--) {
    const entry = issued[k] as IssuedValues;
    if (entry.issuedAt < from - OLDEST_MS) break;
    missing -= fillFrom(entry, from, known);
  }
  return known;
}

/** An outlook as it stood at an issue time, in the form that an input row takes it. */
export function outlookAt({ temperature, price }: Outlook, issueTime: number) {
  return {
    temperatureForecast: knownAt(temperature, issueTime, issueTime, HORIZON_HOURS),
    price: knownAt(price, issueTime, issueTime - PRICE_HOURS * HOUR_MS, PRICE_HOURS),
    priceForecast: knownAt(price, issueTime, issueTime, HORIZON_HOURS),
  };
}
