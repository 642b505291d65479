import { Cron } from 'croner';

/** Mondays at 03:00 of the site's zone. */
const WEEKLY_PATTERN = '0 3 * * 1';

/** The first weekly slot strictly after `after`. Throws when the zone is unknown. */
export function nextWeeklySlot(zone: string, after: Date): Date {
  const next = new Cron(WEEKLY_PATTERN, { timezone: zone, paused: true }).nextRun(after);
  if (next === null) throw new Error(`no Monday 03:00 in zone ${zone} after ${after.toISOString()}`);
  return next;
}
