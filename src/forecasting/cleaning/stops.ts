import type { Calendar } from '../calendar/calendar.ts';
import { createEventFlags, type EventFlag, labelsOf } from '../features/event-flags.ts';

/** Whether a site may well stand still in the hour that begins at `hour` (epoch ms): then it is no fault. */
export type ExpectedStop = (hour: number) => boolean;

export const noStops: ExpectedStop = () => false;

/** Hours of holidays and shutdowns, and those that the site's people flagged. */
export function expectedStops(calendar: Calendar, flags: readonly EventFlag[] = []): ExpectedStop {
  const labels = labelsOf(flags);
  const holds = createEventFlags(flags, calendar);
  return (hour) =>
    calendar.localDay(calendar.dayOf(hour)).holiday || labels.some((label) => holds(label, hour));
}
