import type { RegistryOperation } from '../events/registry.ts';
import { type RolloutFact, SITES_A_FACT } from '../events/rollout.ts';
import type { PlannedSite } from '../events/rollout-plan.ts';
import type { Stage } from './lifecycle.ts';
import type { DataOf, RolloutContext } from './rollout-model.ts';

/** What can be asked of a rollout, the facts that it stands for, and what they change across streams. */

export type RolloutState =
  | 'new'
  | 'planned'
  | 'rolling'
  | 'soaking'
  | 'paused'
  | 'reverting'
  | 'aborted'
  | 'completed';

export type RolloutStage = Stage<RolloutState, RolloutContext>;

export type RolloutCommand =
  | {
      readonly type: 'start';
      readonly plan: DataOf<'RolloutPlanned'>;
      readonly sites: readonly PlannedSite[];
    }
  | { readonly type: 'request-shadows'; readonly shadows: DataOf<'ShadowsRequested'>['shadows'] }
  | { readonly type: 'compare-shadows'; readonly results: DataOf<'ShadowsCompared'>['results'] }
  | { readonly type: 'offer'; readonly offered: DataOf<'SitesOffered'> }
  | { readonly type: 'skip'; readonly sites: DataOf<'SitesSkipped'>['sites'] }
  | { readonly type: 'record-outcomes'; readonly outcomes: DataOf<'OutcomesRecorded'>['outcomes'] }
  | { readonly type: 'soak'; readonly until: string }
  | { readonly type: 'end-soak'; readonly results: readonly DataOf<'ErrorsCompared'>['results'][number][] }
  | { readonly type: 'pass-stage' }
  | { readonly type: 'pause'; readonly paused: DataOf<'RolloutPaused'> }
  | { readonly type: 'resume'; readonly reason: string }
  | { readonly type: 'abort'; readonly aborted: DataOf<'RolloutAborted'> }
  | { readonly type: 'revert'; readonly reverts: DataOf<'RevertsMade'>['reverts'] }
  | { readonly type: 'end-revert' }
  | { readonly type: 'complete' };

export const idOf = ({ plan }: RolloutContext): string => plan?.rolloutId ?? '';

function batches<Item>(items: readonly Item[]): readonly Item[][] {
  const count = Math.ceil(items.length / SITES_A_FACT);
  return Array.from({ length: count }, (_, i) => items.slice(i * SITES_A_FACT, (i + 1) * SITES_A_FACT));
}

function startFacts({ plan, sites }: Extract<RolloutCommand, { type: 'start' }>): readonly RolloutFact[] {
  return [
    { type: 'RolloutPlanned', data: plan },
    ...batches(sites).map((batch) => ({ type: 'SitesPlanned', data: { sites: batch } }) as const),
    { type: 'RolloutStarted', data: {} },
  ];
}

export function facts(command: RolloutCommand, { context: { stage } }: RolloutStage): readonly RolloutFact[] {
  switch (command.type) {
    case 'start':
      return startFacts(command);
    case 'request-shadows':
      return [{ type: 'ShadowsRequested', data: { shadows: command.shadows } }];
    case 'compare-shadows':
      return [{ type: 'ShadowsCompared', data: { results: command.results } }];
    case 'offer':
      return [{ type: 'SitesOffered', data: command.offered }];
    case 'skip':
      return [{ type: 'SitesSkipped', data: { sites: command.sites } }];
    case 'record-outcomes':
      return [{ type: 'OutcomesRecorded', data: { outcomes: command.outcomes } }];
    case 'soak':
      return [{ type: 'SoakBegan', data: { stage, until: command.until } }];
    case 'end-soak':
      return [
        ...batches(command.results).map(
          (results) => ({ type: 'ErrorsCompared', data: { results } }) as const,
        ),
        { type: 'SoakEnded', data: { stage } },
      ];
    case 'pass-stage':
      return [{ type: 'StagePassed', data: { stage } }];
    case 'pause':
      return [{ type: 'RolloutPaused', data: command.paused }];
    case 'resume':
      return [{ type: 'RolloutResumed', data: { reason: command.reason } }];
    case 'abort':
      return [{ type: 'RolloutAborted', data: command.aborted }];
    case 'revert':
      return [{ type: 'RevertsMade', data: { reverts: command.reverts } }];
    case 'end-revert':
      return [{ type: 'RolloutReverted', data: {} }];
    case 'complete':
      return [{ type: 'RolloutCompleted', data: {} }];
  }
}

export function registry({ context }: RolloutStage, fact: RolloutFact): readonly RegistryOperation[] {
  const value = idOf(context);
  const ofSites = (operation: 'claim' | 'release', sites: readonly PlannedSite[]): RegistryOperation[] =>
    sites.map(({ systemId: key }) => ({ operation, kind: 'rollout-site', key, value }));
  switch (fact.type) {
    case 'RolloutPlanned': {
      const { tenant, idempotencyKey } = fact.data;
      if (idempotencyKey === undefined) return [];
      return [{ operation: 'claim', kind: 'rollout-key', key: `${tenant}/${idempotencyKey}`, value }];
    }
    case 'SitesPlanned':
      return ofSites('claim', fact.data.sites);
    case 'RolloutReverted':
    case 'RolloutCompleted':
      return ofSites('release', context.sites);
    case 'RolloutStarted':
    case 'ShadowsRequested':
    case 'ShadowsCompared':
    case 'SitesOffered':
    case 'SitesSkipped':
    case 'OutcomesRecorded':
    case 'SoakBegan':
    case 'ErrorsCompared':
    case 'SoakEnded':
    case 'StagePassed':
    case 'RolloutPaused':
    case 'RolloutResumed':
    case 'RolloutAborted':
    case 'RevertsMade':
      return [];
  }
}
