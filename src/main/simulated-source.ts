import type { ReadingSource } from '../edge/device-options.ts';
import { HOUR_MS } from '../forecasting/series.ts';
import { simulateLoad } from '../forecasting/simulation/simulate-load.ts';
import type { Clock } from '../ports/clocks.ts';
import { toReading } from './readings.ts';

const LOOK_MS = 5_000;

/** A simulated meter: gives each hour's reading when the hour has passed on the site clock. */
export function simulatedSource({
  seed,
  zone,
  clock,
}: {
  readonly seed: number;
  readonly zone: string;
  readonly clock: Clock;
}): ReadingSource {
  return (record) => {
    const currentHour = (): number => Math.floor(clock.now().getTime() / HOUR_MS) * HOUR_MS;
    let next = currentHour();
    function look(): void {
      const hours = (currentHour() - next) / HOUR_MS;
      if (hours <= 0) return;
      record(simulateLoad({ seed, zone, from: next, hours }).map(toReading));
      next += hours * HOUR_MS;
    }
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  };
}
