import type { Breach } from '../../events/rollout-plan.ts';
import { createZone, type Zone } from '../../forecasting/calendar/zone.ts';
import { countsOf, type RolloutContext, type RolloutSite, rulesOf } from '../../machines/rollout-model.ts';

/** What a rollout may do now, by its rules: a matter of what it knows and of the hour. */

const HOUR_MS = 3_600_000;

const MEASURES = ['failures', 'timeouts', 'shadowWorse', 'liveWorse'] as const;

/** Sites that are to be offered their version and were not yet, in their order. */
function openSites(context: RolloutContext): readonly RolloutSite[] {
  const ready = rulesOf(context).shadowDays > 0 ? 'passed' : 'waiting';
  return context.sites.filter(({ status }) => status === ready);
}

/** Offers that the present stage still has: it ends when they are out, or nobody is left. */
export function offersLeft(context: RolloutContext): number {
  const { upTo = 0 } = rulesOf(context).stages[context.stage] ?? {};
  const offered = context.sites.filter(({ stage }) => stage !== null).length;
  return Math.max(0, Math.min(upTo - offered, openSites(context).length));
}

/** Sites that a share of the stage is a share of: those that it has offered and those that it still will. */
function sizeOf(context: RolloutContext): number {
  if (context.stage < 0) return context.sites.length;
  return context.sites.filter(({ stage }) => stage === context.stage).length + offersLeft(context);
}

/**
 * The first threshold that is passed, null while none is: what came to stand against the rollout since its stage began,
 * as a share of the stage's sites. A device that takes its model back later counts against the stage then under way.
 */
export function breachOf(context: RolloutContext): Breach | null {
  const { thresholds } = rulesOf(context);
  const counts = countsOf(context);
  const of = sizeOf(context);
  const counted = (measure: Breach['measure']): number => counts[measure] - context.forgiven[measure];
  const breached = MEASURES.find((measure) => counted(measure) > thresholds[measure] * of);
  if (breached === undefined) return null;
  return { measure: breached, count: counted(breached), of, limit: thresholds[breached] };
}

/** Whether the hour lies in the window, which may pass midnight. */
const isWithin = (hour: number, { fromHour, toHour }: { fromHour: number; toHour: number }): boolean =>
  fromHour <= toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour;

/** Whether sites of a zone may be offered something at this instant; zones are looked up once. */
function windowAt(context: RolloutContext, now: Date): (zone: string) => boolean {
  const { window } = rulesOf(context);
  if (window === null) return () => true;
  const zones = new Map<string, Zone>();
  const hour = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  return (name) => {
    const zone = zones.get(name) ?? createZone(name);
    zones.set(name, zone);
    return isWithin(new Date(now.getTime() + zone.offsetAt(hour)).getUTCHours(), window);
  };
}

/** How many offers the pace leaves now: so many without an answer at once, so many within an hour. */
function paceLeft(context: RolloutContext, now: Date): number {
  const { atOnce, perHour } = rulesOf(context);
  const inFlight = context.sites.filter(({ status }) => status === 'offered').length;
  const hourAgo = new Date(now.getTime() - HOUR_MS).toISOString();
  const lately = context.sites.filter(({ offeredAt }) => offeredAt !== null && offeredAt > hourAgo).length;
  return Math.min(atOnce - inFlight, perHour === null ? atOnce : perHour - lately);
}

/** Sites that may be offered their version now, in their order, and how many of them. */
export function mayBeOffered(
  context: RolloutContext,
  now: Date,
): { readonly sites: readonly RolloutSite[]; readonly count: number } {
  const count = Math.min(offersLeft(context), paceLeft(context, now));
  if (count <= 0) return { sites: [], count: 0 };
  const isOpen = windowAt(context, now);
  return { sites: openSites(context).filter(({ zone }) => isOpen(zone)), count };
}

/** Until when the stage's models have to serve before it passes; null where none serves or none has to. */
export function soakUntil(context: RolloutContext): string | null {
  const { soakHours } = rulesOf(context);
  const since = context.sites
    .filter(({ stage, status }) => stage === context.stage && status === 'active')
    .map(({ at }) => Date.parse(at ?? ''));
  if (soakHours === 0 || since.length === 0 || context.soaked) return null;
  return new Date(since.reduce((a, b) => Math.max(a, b)) + soakHours * HOUR_MS).toISOString();
}
