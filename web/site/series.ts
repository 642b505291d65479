import type { Contract, DayScore, Forecast, Reading } from '../../src/client/client.ts';

const HOUR_MS = 3_600_000;

/** An hour of the chart, kW; null where nothing is known. */
export interface Hour {
  /** Its beginning, ms. */
  readonly at: number;
  readonly actual: number | null;
  readonly forecast: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly contract: number | null;
  /** 0 to 1. */
  readonly peak: number | null;
  readonly exceedance: number | null;
}

type Known = Partial<Omit<Hour, 'at'>>;

/** What models forecast: the meter without battery and solar, as far as they are measured. */
const grossKw = ({ loadKw, batteryKw, pvKw }: Reading): number | null =>
  loadKw === undefined ? null : loadKw + (batteryKw ?? 0) + (pvKw ?? 0);

const scoredHours = (days: readonly DayScore[]): readonly (readonly [number, Known])[] =>
  days.flatMap(({ issuedAt, forecastKw, lowerKw, upperKw, actualKw }) => {
    const start = Math.floor(Date.parse(issuedAt) / HOUR_MS) * HOUR_MS;
    return forecastKw.map((forecast, i) => {
      const band = { lower: lowerKw[i] ?? null, upper: upperKw[i] ?? null };
      return [start + i * HOUR_MS, { forecast, ...band, actual: actualKw[i] ?? null }] as const;
    });
  });

const comingHours = (forecast: Forecast | null): readonly (readonly [number, Known])[] =>
  (forecast?.hours ?? []).map(
    ({ hour, loadKw, lowerKw, upperKw, peakProbability, exceedanceProbability }) => [
      Date.parse(hour),
      {
        ...{ forecast: loadKw, lower: lowerKw, upper: upperKw, peak: peakProbability },
        exceedance: exceedanceProbability ?? null,
      },
    ],
  );

const measuredHours = (readings: readonly Reading[]): readonly (readonly [number, Known])[] =>
  readings.flatMap((reading) => {
    const actual = grossKw(reading);
    return actual === null ? [] : [[Date.parse(reading.hour), { actual }] as const];
  });

/** The local hour and weekday (Sunday is 0) of instants in a zone. */
function localTime(zone: string): (at: number) => { readonly hour: number; readonly isWorkday: boolean } {
  const form = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hour: 'numeric',
    hourCycle: 'h23',
    weekday: 'short',
  });
  return (at) => {
    const parts = Object.fromEntries(form.formatToParts(at).map(({ type, value }) => [type, value]));
    return { hour: Number(parts['hour']), isWorkday: !['Sat', 'Sun'].includes(parts['weekday'] ?? '') };
  };
}

/** What is contracted at an hour; holidays count as working days here. */
function contractedKw(contract: Contract | null, zone: string): (at: number) => number | null {
  if (contract === null) return () => null;
  const local = localTime(zone);
  const { peakKw, offPeakKw, peakHours } = contract;
  return (at) => {
    const { hour, isWorkday } = local(at);
    return isWorkday && peakHours.includes(hour) && peakKw !== null ? peakKw : offPeakKw;
  };
}

const NOTHING = { actual: null, forecast: null, lower: null, upper: null, peak: null, exceedance: null };

interface Sources {
  readonly readings: readonly Reading[];
  readonly days: readonly DayScore[];
  readonly forecast: Forecast | null;
  readonly contract: Contract | null;
  readonly zone: string;
}

/** Hours from the first to the last that anything is known of, without a gap between them. */
export function hoursOf({ readings, days, forecast, contract, zone }: Sources): readonly Hour[] {
  const known = new Map<number, Known>();
  for (const [at, values] of [...scoredHours(days), ...comingHours(forecast), ...measuredHours(readings)])
    known.set(at, { ...known.get(at), ...values });
  if (known.size === 0) return [];
  const first = Math.min(...known.keys());
  const count = Math.round((Math.max(...known.keys()) - first) / HOUR_MS) + 1;
  const contracted = contractedKw(contract, zone);
  return Array.from({ length: count }, (_, i) => {
    const at = first + i * HOUR_MS;
    return { at, ...NOTHING, ...known.get(at), contract: contracted(at) };
  });
}

/** A weekday (Monday is 0) and local hour, with its error as a share of the load; null where nothing was scored. */
export type Heat = readonly (readonly (number | null)[])[];

const weekdayOf = (day: string): number => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;

/** Weighted absolute error by weekday and hour: a few kW at night weigh as little as they matter. */
export function heatOf(days: readonly DayScore[]): Heat {
  const cells = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => ({ error: 0, load: 0 })));
  for (const { day, forecastKw, actualKw } of days) {
    for (const [hour, forecast] of forecastKw.entries()) {
      const cell = cells[weekdayOf(day)]?.[hour];
      const actual = actualKw[hour] ?? null;
      if (cell === undefined || actual === null) continue;
      cell.error += Math.abs(forecast - actual);
      cell.load += Math.abs(actual);
    }
  }
  return cells.map((row) => row.map(({ error, load }) => (load > 0 ? error / load : null)));
}
