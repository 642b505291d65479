import type { Calendar } from '../calendar/calendar.ts';
import { dateOf } from '../calendar/day.ts';

/**
 * Hours that the site's people marked, because the load is another one then: these local hours on these weekdays
 * (Monday is 0) or dates, or on any day when neither is given. Entries of the same label count together.
 */
export interface EventFlag {
  readonly label: string;
  readonly hours: readonly number[];
  readonly weekdays?: readonly number[];
  /** Local dates, `YYYY-MM-DD`. */
  readonly dates?: readonly string[];
}

/** Whether an event flag holds in the hour that begins at `hour` (epoch ms). */
export type EventFlags = (label: string, hour: number) => boolean;

export const noEventFlags: EventFlags = () => false;

/** Labels, each once, in an order that does not depend on that of the entries. */
export const labelsOf = (flags: readonly EventFlag[]): string[] =>
  [...new Set(flags.map(({ label }) => label))].sort();

interface Rule {
  readonly hours: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  readonly dates: ReadonlySet<string>;
  readonly anyDay: boolean;
}

const ruleOf = ({ hours, weekdays, dates }: EventFlag): Rule => ({
  hours: new Set(hours),
  weekdays: new Set(weekdays ?? []),
  dates: new Set(dates ?? []),
  anyDay: weekdays === undefined && dates === undefined,
});

/** The flags of a site in its local time; a label that it does not have never holds. */
export function createEventFlags(flags: readonly EventFlag[], calendar: Calendar): EventFlags {
  const byLabel = Map.groupBy(flags, ({ label }) => label);
  const rules = new Map([...byLabel].map(([label, entries]) => [label, entries.map(ruleOf)] as const));
  return (label, hour) => {
    const own = rules.get(label);
    if (own === undefined) return false;
    const localHour = calendar.hourOf(hour);
    const day = calendar.dayOf(hour);
    const { weekday } = calendar.localDay(day);
    return own.some(
      ({ hours, weekdays, dates, anyDay }) =>
        hours.has(localHour) && (anyDay || weekdays.has(weekday) || dates.has(dateOf(day))),
    );
  };
}
