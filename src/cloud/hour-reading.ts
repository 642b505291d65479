import type { HourReading } from '../forecasting/cleaning/readings.ts';
import type { Reading } from '../ports/telemetry.ts';

/** An hour that was stored, as the numbers know it. */
export const hourReading = ({ hour, ...values }: Reading): HourReading => ({
  hour: Date.parse(hour),
  ...values,
});
