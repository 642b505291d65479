import { METADATA } from './artifact.ts';
import type { Calendar } from './calendar/calendar.ts';
import type { BridgedHistory } from './cleaning/history.ts';
import type { LoadDistribution } from './exceedance/load-distribution.ts';
import type { EventFlags } from './features/event-flags.ts';
import { createInputRows } from './features/input-rows.ts';
import { type FeatureLayout, parseLayout } from './features/layout.ts';
import { outlookAt } from './features/outlook.ts';
import { HORIZON_HOURS, QUANTILE_LEVELS } from './horizon.ts';
import { type ModelOutputs, type ModelSession, UnusableModel } from './inference.ts';
import { HOUR_MS, noOutlook, type Outlook } from './series.ts';

/** One forecast hour. kW. */
export interface ForecastHour {
  /** Epoch ms of the hour's start. */
  readonly hour: number;
  readonly loadKw: number;
  readonly lowerKw: number;
  readonly upperKw: number;
  /** Chance of being the local day's highest hour; null on a trailing partial day. */
  readonly peakProbability: number | null;
  /** What the load may be, of which the band is the outermost quantiles. */
  readonly distribution: LoadDistribution;
}

const LENGTHS: Readonly<Record<keyof ModelOutputs, number>> = {
  forecast: HORIZON_HOURS,
  lower: HORIZON_HOURS,
  upper: HORIZON_HOURS,
  peakProbability: HORIZON_HOURS,
  quantiles: HORIZON_HOURS * QUANTILE_LEVELS.length,
};

/** Shares of the level by which a band may miss its forecast for rounding alone. */
const ROUNDING = 1e-5;

function fault(outputs: ModelOutputs, i: number): string | null {
  const [load = Number.NaN, lower = Number.NaN, upper = Number.NaN] = [
    outputs.forecast[i],
    outputs.lower[i],
    outputs.upper[i],
  ];
  if (![load, lower, upper].every(Number.isFinite)) return `lead ${(i % HORIZON_HOURS) + 1} is no number`;
  const slack = ROUNDING * Math.max(Math.abs(lower), Math.abs(upper), 1);
  if (lower > load + slack || load > upper + slack) {
    return `the band of lead ${(i % HORIZON_HOURS) + 1}, ${lower} to ${upper} kW, does not hold its forecast of ${load} kW`;
  }
  const levels = QUANTILE_LEVELS.length;
  const quantiles = outputs.quantiles.subarray(i * levels, (i + 1) * levels);
  if (quantiles.some((kw, j) => !(kw >= (quantiles[j - 1] ?? Number.NEGATIVE_INFINITY) - slack)))
    return `the quantiles of lead ${(i % HORIZON_HOURS) + 1} do not ascend`;
  const chance = outputs.peakProbability[i] ?? Number.NaN;
  if (chance < -ROUNDING || chance > 1 + ROUNDING)
    return `the peak probability of lead ${(i % HORIZON_HOURS) + 1} is ${chance}`;
  return null;
}

/**
 * Checks what a graph answered for `rows` rows: complete, finite, bands that hold their forecast.
 * @throws {UnusableModel} saying what is wrong with which lead
 */
export function checkOutputs(outputs: ModelOutputs, rows: number): void {
  for (const [name, length] of Object.entries(LENGTHS)) {
    const found = outputs[name as keyof ModelOutputs].length;
    if (found !== rows * length)
      throw new UnusableModel(`the model answers ${found} values of ${name}, not ${rows * length}`);
  }
  for (let i = 0; i < rows * HORIZON_HOURS; i++) {
    const found = fault(outputs, i);
    if (found !== null) throw new UnusableModel(`the model's forecast is unusable: ${found}`);
  }
}

/** What is known at an issue time (epoch ms, a whole hour): the 720 hours before it and what was told of later ones. */
interface KnownHere {
  readonly calendar: Calendar;
  readonly history: Pick<BridgedHistory, 'load' | 'temperature'>;
  readonly issueTime: number;
  /** Temperature forecasts and prices; what was issued after the issue time is not looked at. */
  readonly outlook?: Outlook;
  readonly eventFlags?: EventFlags;
}

/** The row of a layout for one issue time. */
export const rowAt = (
  layout: FeatureLayout,
  { calendar, history, issueTime, outlook = noOutlook, eventFlags }: KnownHere,
): Float32Array =>
  createInputRows(layout, calendar, eventFlags).row({
    issueTime,
    load: history.load,
    temperature: history.temperature,
    ...outlookAt(outlook, issueTime),
  });

/**
 * The forecast of a loaded artifact for the 48 hours from `issueTime` (epoch ms, a whole hour), from the 720
 * hours before it. The row is built by the layout that the artifact carries. Used by devices and the cloud alike.
 * @throws {UnknownLayout} when this program cannot build the artifact's rows
 * @throws {UnusableModel} when the outputs are not a forecast
 */
export async function forecastAt(
  given: KnownHere & { readonly session: ModelSession },
): Promise<ForecastHour[]> {
  const { session, issueTime } = given;
  const outputs = await session.run(rowAt(parseLayout(session.metadata[METADATA.layout]), given), 1);
  checkOutputs(outputs, 1);
  return Array.from({ length: HORIZON_HOURS }, (_, i) => {
    const chance = outputs.peakProbability[i] ?? Number.NaN;
    return {
      hour: issueTime + i * HOUR_MS,
      loadKw: outputs.forecast[i] as number,
      lowerKw: outputs.lower[i] as number,
      upperKw: outputs.upper[i] as number,
      peakProbability: Number.isNaN(chance) ? null : chance,
      distribution: {
        levels: QUANTILE_LEVELS,
        kw: outputs.quantiles.subarray(i * QUANTILE_LEVELS.length, (i + 1) * QUANTILE_LEVELS.length),
      },
    };
  });
}
