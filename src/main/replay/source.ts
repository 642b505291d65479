import { createCalendar } from '../../forecasting/calendar/calendar.ts';
import { noSpecialDays } from '../../forecasting/calendar/special-days.ts';
import type { HourReading } from '../../forecasting/cleaning/readings.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { simulateLoad } from '../../forecasting/simulation/simulate-load.ts';
import { csvReadings } from '../quick-start/readings.ts';
import type { World } from '../quick-start/world.ts';
import { parseFault, withFaults } from './faults.ts';
import type { ReplayPlan } from './plan.ts';

/** What was measured at the site, known hour by hour. */
export interface ReplaySource {
  /** All that was measured before the replay begins. */
  readonly before: readonly HourReading[];
  /** What was measured in the hour that begins at `hour` (epoch ms); undefined where nothing was. */
  at(hour: number): HourReading | undefined;
}

/** Hours of a simulated plant that lie before its replay. */
const BEFORE_HOURS = 200 * 24;

async function readingsOf({ csv, seed, zone }: World, plan: ReplayPlan): Promise<readonly HourReading[]> {
  if (csv !== null) return csvReadings(csv);
  const from = plan.from - BEFORE_HOURS * HOUR_MS;
  return simulateLoad({ seed, zone, from, hours: (plan.until - from) / HOUR_MS });
}

/** Reads a world's series, with the faults of its plan laid over it. */
export async function openSource(world: World, plan: ReplayPlan): Promise<ReplaySource> {
  const calendar = createCalendar({ zone: world.zone, days: noSpecialDays });
  const faults = plan.inject.map((text) => parseFault(text, calendar));
  const all = (await readingsOf(world, plan)).map((reading) => withFaults(reading, faults, calendar));
  const byHour = new Map(all.map((reading) => [reading.hour, reading]));
  return { before: all.filter(({ hour }) => hour < plan.from), at: (hour) => byHour.get(hour) };
}
