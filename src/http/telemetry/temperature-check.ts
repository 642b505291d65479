import type { TemperatureForecast } from '../../ports/temperature-forecasts.ts';
import { instantOf } from '../local-day.ts';
import { MAX_FORECAST_HOURS } from '../schemas/telemetry.ts';
import { createRowProblems, hourProblem, type RowProblems } from './row-problems.ts';

const HOUR_MS = 3_600_000;
/** Hours that a forecast may begin before it comes in: weather services compute for hours and publish it then. */
const BEHIND_HOURS = 24;

/** What every hour of a temperature forecast must satisfy beyond its form. Nothing is stored unless all do. */
export interface TemperatureCheck extends Pick<RowProblems, 'refuse'> {
  /** Takes an hour, numbered from 1; what is wrong with it is noted. */
  add(row: number, hour: string, celsius: number | undefined): void;
  /** The forecast, from the hour in progress on. Throws a 422 problem that names the rows when any was wrong. */
  finish(): TemperatureForecast;
}

interface Hour {
  readonly row: number;
  readonly celsius: number;
}

/** Hours (epoch ms) as one run, NaN where nothing was said; at least one. */
function runOf(hours: readonly (readonly [number, Hour])[]): Pick<TemperatureForecast, 'start' | 'values'> {
  const times = hours.map(([at]) => at);
  const start = Math.min(...times);
  const values = new Float64Array((Math.max(...times) - start) / HOUR_MS + 1).fill(Number.NaN);
  for (const [at, { celsius }] of hours) values[(at - start) / HOUR_MS] = celsius;
  return { start, values };
}

/** `now` is the site clock's, and what the forecast is known from. */
export function createTemperatureCheck(now: Date): TemperatureCheck {
  const { refuse, finish } = createRowProblems('hours', 'invalid-temperature-forecast');
  const current = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  const bounds = {
    earliest: current - BEHIND_HOURS * HOUR_MS,
    latest: current + (MAX_FORECAST_HOURS - 1) * HOUR_MS,
    early: 'is long over: send what is still to come',
    late: `lies more than ${MAX_FORECAST_HOURS / 24} days ahead: leave it out`,
  };
  const seen = new Map<number, Hour>();

  return {
    refuse,
    add: (row, hour, celsius) => {
      const at = instantOf(hour);
      const wrong = hourProblem(at, bounds, seen.get(at)?.row);
      if (wrong !== null) return refuse(row, '/hour', wrong);
      if (celsius === undefined)
        return refuse(row, '/temperatureC', 'holds no temperature: leave the row out');
      seen.set(at, { row, celsius });
    },
    finish: () => {
      if (![...seen.keys()].some((at) => at >= current))
        refuse(1, '/hour', 'and all others are over: a forecast speaks of hours to come');
      finish();
      return { issuedAt: now.getTime(), ...runOf([...seen].filter(([at]) => at >= current)) };
    },
  };
}
