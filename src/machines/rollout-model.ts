import type { RolloutFact } from '../events/rollout.ts';
import type { Breach, PlannedSite, RolloutRules } from '../events/rollout-plan.ts';

/** What a rollout knows of itself: the fold of its facts, site by site. */

export type DataOf<Type extends RolloutFact['type']> = Extract<RolloutFact, { type: Type }>['data'];
export type Outcome = DataOf<'OutcomesRecorded'>['outcomes'][number];
export type Offer = DataOf<'SitesOffered'>['offers'][number];

export const SITE_STATUSES = [
  'waiting',
  'shadowing',
  'passed',
  'held-back',
  'skipped',
  'offered',
  'active',
  'rejected',
  'rolledback',
  'expired',
  'superseded',
  'reverting',
  'reverted',
  'not-reverted',
] as const;
export type RolloutSiteStatus = (typeof SITE_STATUSES)[number];

export interface RolloutSite extends PlannedSite {
  readonly status: RolloutSiteStatus;
  readonly shadow: { readonly candidate: string; readonly running: string | null } | null;
  readonly shadowErrors: { readonly candidate: number | null; readonly running: number | null } | null;
  /** The stage in which it was offered its version. */
  readonly stage: number | null;
  readonly deploymentId: string | null;
  readonly offeredAt: string | null;
  readonly previous: Offer['previous'];
  readonly live: {
    readonly error: number | null;
    readonly before: number | null;
    readonly worse: boolean;
  } | null;
  /** The deployment that takes the version back. */
  readonly revertId: string | null;
  /** When it was last heard of, and what was said. */
  readonly at: string | null;
  readonly reason: string | null;
}

/** Sites that count against a stage, by measure. */
export type Counts = Readonly<Record<Breach['measure'], number>>;

export interface RolloutContext {
  readonly plan: DataOf<'RolloutPlanned'> | null;
  readonly sites: readonly RolloutSite[];
  /** Where each site stands in `sites`, by its id. */
  readonly places: Readonly<Record<string, number>>;
  /** -1 is the shadow; as many as there are stages when all have passed. */
  readonly stage: number;
  readonly soakUntil: string | null;
  /** Whether the stage's models have served for as long as they must. */
  readonly soaked: boolean;
  /** What counts no more: it was there when the stage began, or when a person looked into the threshold that it passed. */
  readonly forgiven: Counts;
  /** Rises whenever the rollout is moved from beside its work, which is void from then on. */
  readonly turn: number;
  /** Why it is paused, or was aborted. */
  readonly stopped: DataOf<'RolloutPaused'> | null;
}

const NOTHING: Counts = { failures: 0, timeouts: 0, shadowWorse: 0, liveWorse: 0 };

export const emptyRollout: RolloutContext = {
  ...{ plan: null, sites: [], places: {}, stage: 0, soakUntil: null, soaked: false },
  ...{ forgiven: NOTHING, turn: 0, stopped: null },
};

/** A device that was new or reset says nothing about the model. */
const NO_FAULT = 'no-history';

const failed = ({ status, reason }: RolloutSite): boolean =>
  (status === 'rejected' || status === 'rolledback') && !(reason ?? '').startsWith(NO_FAULT);

/** What stands against the shadow; after it, against all that was offered, in whichever stage. */
export function countsOf({ sites, stage }: RolloutContext): Counts {
  if (stage < 0)
    return { ...NOTHING, shadowWorse: sites.filter(({ status }) => status === 'held-back').length };
  return {
    failures: sites.filter(failed).length,
    timeouts: sites.filter(({ status }) => status === 'expired').length,
    shadowWorse: 0,
    liveWorse: sites.filter(({ live }) => live?.worse === true).length,
  };
}

function plannedSite(site: PlannedSite): RolloutSite {
  return {
    ...site,
    ...{ status: 'waiting', shadow: null, shadowErrors: null, stage: null, deploymentId: null },
    ...{ offeredAt: null, previous: null, live: null, revertId: null, at: null, reason: null },
  };
}

export const planSites = (context: RolloutContext, { sites }: DataOf<'SitesPlanned'>): RolloutContext => ({
  ...{ ...context, sites: context.sites.concat(sites.map(plannedSite)) },
});

/** Notes where each site stands, once all are there. */
export const placeSites = (context: RolloutContext): RolloutContext => ({
  ...{
    ...context,
    places: Object.fromEntries(context.sites.map(({ systemId }, place) => [systemId, place])),
  },
});

/**
 * The sites of which the fact says something, changed by it; others as they were. They are found by their places: a
 * fact of a few must not cost a look at ten thousand.
 */
export function changeSites<Said extends { readonly systemId: string }>(
  context: RolloutContext,
  said: readonly Said[],
  change: (site: RolloutSite, said: Said) => Partial<RolloutSite>,
): RolloutContext {
  const sites = context.sites.slice();
  for (const about of said) {
    const place = context.places[about.systemId] ?? -1;
    const site = sites[place];
    if (site !== undefined) sites[place] = { ...site, ...change(site, about) };
  }
  return { ...context, sites };
}

const VERDICTS = { passed: 'passed', worse: 'held-back', unproven: 'skipped' } as const;

export const compareShadows = (
  context: RolloutContext,
  { results }: DataOf<'ShadowsCompared'>,
): RolloutContext =>
  changeSites(
    context,
    results,
    (_, { verdict, candidateError: candidate, runningError: running, reason }) => ({
      status: VERDICTS[verdict],
      shadowErrors: { candidate, running },
      reason,
    }),
  );

export const offerSites = (
  context: RolloutContext,
  { offers, stage, at }: DataOf<'SitesOffered'>,
): RolloutContext =>
  changeSites(context, offers, (_, { deploymentId, previous }) => ({
    ...{ status: 'offered', deploymentId, previous, stage, at, offeredAt: at, reason: null },
  }));

export const recordOutcomes = (
  context: RolloutContext,
  { outcomes }: DataOf<'OutcomesRecorded'>,
): RolloutContext =>
  changeSites(context, outcomes, ({ revertId }, { deploymentId, outcome, reason, at }) => {
    if (deploymentId !== revertId) return { status: outcome, reason, at };
    return { status: outcome === 'active' ? 'reverted' : 'not-reverted', reason, at };
  });

export const compareErrors = (
  context: RolloutContext,
  { results }: DataOf<'ErrorsCompared'>,
): RolloutContext =>
  changeSites(context, results, (_, { liveError: error, previousError: before, worse }) => ({
    live: { error, before, worse },
  }));

export const makeReverts = (context: RolloutContext, { reverts }: DataOf<'RevertsMade'>): RolloutContext =>
  changeSites(context, reverts, (_, { deploymentId, reason }) =>
    deploymentId === null
      ? { status: 'not-reverted', reason }
      : { status: 'reverting', revertId: deploymentId, reason: null },
  );

export function passStage(context: RolloutContext, { stage }: DataOf<'StagePassed'>): RolloutContext {
  const next = { ...context, stage: stage + 1, soakUntil: null, soaked: false };
  return { ...next, forgiven: countsOf(next) };
}

export const resumed = (context: RolloutContext): RolloutContext => ({
  ...{ ...context, turn: context.turn + 1, stopped: null },
  forgiven: context.stopped?.cause === 'threshold' ? countsOf(context) : context.forgiven,
});

/** The rules; a rollout without a plan has none. */
export function rulesOf({ plan }: RolloutContext): RolloutRules {
  if (plan === null) throw new Error('a rollout without a plan');
  return plan.rules;
}
