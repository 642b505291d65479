import type { Calendar } from '../calendar/calendar.ts';
import { HOUR_MS } from '../series.ts';
import type { Noise } from './noise.ts';

/** Streams of noise, so that no two parts of the weather share one. */
const FRONTS = 101;
const CLOUDS = 102;
const AIR = 103;

/** January is the hottest month. */
const HOTTEST_PHASE = 20 / 365;
const HOTTEST_HOUR = 15;

/**
 * Air temperature of the interior of São Paulo state: mild dry winters, hot summers, cold fronts that last some
 * days, and smaller daily swings under clouds. °C at the hour `hour` (epoch ms).
 */
export function temperatureAt(hour: number, calendar: Calendar, noise: Noise): number {
  const { annualPhase, day } = calendar.localDay(calendar.dayOf(hour));
  const local = calendar.hourOf(hour);
  const season = Math.cos(2 * Math.PI * (annualPhase - HOTTEST_PHASE));
  const position = day + local / 24;
  const front = 2.4 * noise.smooth(FRONTS, position / 3.5) + 1.1 * noise.smooth(FRONTS + 10, position);
  const swing = 5.2 - 0.8 * season + 1.2 * noise.smooth(CLOUDS, position / 2);
  const daily = swing * Math.cos((2 * Math.PI * (local - HOTTEST_HOUR)) / 24);
  const air = 0.4 * noise.normal(AIR, Math.round(hour / HOUR_MS));
  return 21.5 + 3.6 * season + front + daily + air;
}
