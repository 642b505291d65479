import { createSiteCalendar } from '../calendar/site-calendar.ts';
import type { HourReading } from '../cleaning/readings.ts';
import { HOUR_MS } from '../series.ts';
import { createNoise, type Noise } from './noise.ts';
import { productionAt } from './production.ts';
import { temperatureAt } from './weather.ts';

const PROCESS = 1;
const METER = 2;
const LEVEL = 3;

/** Shares of `peakKw`: what runs day and night, full production, and cooling per °C above the comfort limit. */
const BASE = 0.32;
const PRODUCTION = 0.52;
const COOLING = 0.012;
const COMFORT = 21;
/** Growth a year, counted from this instant. */
const GROWTH = 0.03;
const REFERENCE = Date.UTC(2025, 0, 1);
const YEAR_MS = 8766 * HOUR_MS;

/** A plant to be simulated. */
export interface SimulatedSite {
  /** Any whole number; another seed is another plant with the same working hours. */
  readonly seed: number;
  readonly zone: string;
  /** IBGE code of the municipality, for its holidays; national days only when null. */
  readonly ibgeCode?: string | null;
  /** About the highest hourly load of a year, in kW; 800 when absent. */
  readonly peakKw?: number;
}

/** Heat reaches the cold rooms with a delay of some hours. */
function warmth(hour: number, temperature: (hour: number) => number): number {
  const felt = (temperature(hour) + temperature(hour - HOUR_MS) + temperature(hour - 2 * HOUR_MS)) / 3;
  return Math.max(0, felt - COMFORT);
}

/** Slow changes of the whole plant: growth, and a level that wanders over the months. */
function level(hour: number, noise: Noise): number {
  const wander = 0.02 * noise.smooth(LEVEL, hour / (40 * 24 * HOUR_MS));
  return (1 + (GROWTH * (hour - REFERENCE)) / YEAR_MS) * (1 + wander);
}

/** Process noise that lasts some hours, and meter noise that does not. */
function disturbance(hour: number, noise: Noise): number {
  const index = Math.round(hour / HOUR_MS);
  return 1 + 0.016 * noise.persistent(PROCESS, index, 0.75) + 0.009 * noise.normal(METER, index);
}

/**
 * A believable hourly load of a Brazilian plant, in kW, with air temperature: two shifts, Saturdays at half
 * strength, holidays and bridges of the calendar, cooling with the heat, growth, stops and overtime. An hour depends on seed, zone and time alone: asked for again, or from elsewhere, it is the same.
 * `from` is the epoch ms of a whole hour.
 * @throws {UnknownZone | UnknownPlace}
 */
export function simulateLoad(
  site: SimulatedSite & { readonly from: number; readonly hours: number },
): HourReading[] {
  const calendar = createSiteCalendar({ zone: site.zone, ibgeCode: site.ibgeCode ?? null });
  const noise = createNoise(site.seed);
  const peak = site.peakKw ?? 800;
  const temperature = (hour: number): number => temperatureAt(hour, calendar, noise);

  return Array.from({ length: site.hours }, (_, i) => {
    const hour = site.from + i * HOUR_MS;
    const production = productionAt(hour, calendar, noise);
    const cooling = COOLING * warmth(hour, temperature) * (0.45 + 0.55 * production);
    const load = peak * (BASE + PRODUCTION * production + cooling) * level(hour, noise);
    return {
      hour,
      loadKw: Math.round(load * disturbance(hour, noise) * 10) / 10,
      temperatureC: Math.round(temperature(hour) * 10) / 10,
    };
  });
}
