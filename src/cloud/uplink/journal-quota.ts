/** What a device may have copied of its journals in a day: a healthy one makes a few dozen facts. */
export const FACTS_A_DAY = 500;
/** A device that was reset begins a journal; so many facts count for it, so that resets have an end too. */
export const BEGINNING_COSTS = 20;

/** What a device has used on the latest day that it had anything copied; the registry's value, as JSON. */
export interface QuotaUse {
  /** Of the machine clock, UTC. */
  readonly day: string;
  readonly used: number;
  /** Facts that the device showed and that wait for another day. They are lost nowhere: it keeps them. */
  readonly held: number;
}

const dayOf = (now: Date): string => now.toISOString().slice(0, 10);

/** The use of today, which begins at nothing. */
export function quotaToday(value: string | null, now: Date): QuotaUse {
  const day = dayOf(now);
  const last: QuotaUse | null = value === null ? null : JSON.parse(value);
  return last?.day === day ? last : { day, used: 0, held: 0 };
}
