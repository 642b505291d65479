import { createHash } from 'node:crypto';
import { Cron } from 'croner';

/** Mondays at 03:00 of the site's zone. */
const WEEKLY_PATTERN = '0 3 * * 1';
const HALF_WEEK_MS = 3.5 * 86_400_000;

/** The first weekly slot strictly after `after`. Throws when the zone is unknown. */
export function nextWeeklySlot(zone: string, after: Date): Date {
  const next = new Cron(WEEKLY_PATTERN, { timezone: zone, paused: true }).nextRun(after);
  if (next === null) throw new Error(`no Monday 03:00 in zone ${zone} after ${after.toISOString()}`);
  return next;
}

/**
 * The slot of the week that `planned` stands for, in a zone that may be another one by now: never the week before,
 * whose slot has run, and never the one after. It may be past already, and is due then.
 */
export const sameWeeklySlot = (zone: string, planned: Date): Date =>
  nextWeeklySlot(zone, new Date(planned.getTime() - HALF_WEEK_MS));

/** The slot that follows `slot`: missed ones in between are left out, since one retrain makes up for them all. */
export const followingSlot = (zone: string, slot: Date, now: Date): Date =>
  nextWeeklySlot(zone, new Date(Math.max(now.getTime(), slot.getTime() + HALF_WEEK_MS)));

/** When a site's slot begins: always as late within the window, so that a fleet does not start at one instant. */
export function startOfSlot(systemId: string, slot: Date, windowMs: number): Date {
  const share = createHash('sha256').update(systemId).digest().readUInt32BE() / 2 ** 32;
  return new Date(slot.getTime() + Math.floor((share * windowMs) / 1_000) * 1_000);
}
