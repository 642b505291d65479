import type { HourReading } from '../forecasting/cleaning/readings.ts';
import type { Reading } from '../ports/telemetry.ts';

/** An hour as the numbers know it, as an hour that travels and is stored. */
export function toReading({ hour, ...values }: HourReading): Reading {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return { hour: new Date(hour).toISOString(), ...Object.fromEntries(known) };
}
