import type { RolloutView } from '../../cloud/control-plane.ts';
import type { RolloutFact } from '../../events/rollout.ts';
import type { Breach, RolloutRules } from '../../events/rollout-plan.ts';
import type { RolloutSite } from '../../machines/rollout-model.ts';
import type { ReadDocument } from '../../projections/projection.ts';
import { type RolloutDocument, rolloutsProjection } from '../../projections/rollouts.ts';
import { percent, percentOrNull } from './percent.ts';

/** Rollouts as the API shows them, shares in percent. */

export function presentRules({ thresholds, ...rules }: RolloutRules) {
  const { failures, timeouts, shadowWorse, liveWorse, errorIncrease } = thresholds;
  return {
    ...rules,
    thresholds: {
      failuresPct: percent(failures),
      timeoutsPct: percent(timeouts),
      shadowWorsePct: percent(shadowWorse),
      liveWorsePct: percent(liveWorse),
      errorIncreasePct: percent(errorIncrease),
    },
  };
}

const presentBreach = ({ limit, ...breach }: Breach) => ({ ...breach, limitPct: percent(limit) });

export const presentRolloutRow = ({ tenant: _tenant, ...row }: RolloutDocument) => row;

/** The row as the rollout's own facts tell it: lists may not have caught up. */
function rowOf({ facts }: RolloutView): RolloutDocument {
  const folded = facts.reduce<ReadDocument<RolloutDocument> | undefined>(
    (current, fact) =>
      rolloutsProjection.apply(current, { ...fact, seq: fact.version }, '', undefined) ?? undefined,
    undefined,
  );
  if (folded === undefined) throw new Error('a rollout without facts');
  return folded.doc;
}

export function presentRollout(view: RolloutView) {
  const { stage, plan, facts } = view;
  const { stopped, soakUntil } = stage.context;
  return {
    ...presentRolloutRow(rowOf(view)),
    rules: presentRules(plan.rules),
    cause: stopped?.cause ?? null,
    breach: stopped === null || stopped.breach === null ? null : presentBreach(stopped.breach),
    soakUntil: stage.state === 'soaking' ? soakUntil : null,
    createdBy: facts.at(0)?.metadata.actor ?? '',
  };
}

export function presentRolloutSite({ rules }: RolloutView['plan'], site: RolloutSite) {
  const { systemId, version, modelType, running, status, deploymentId, revertId, reason, at } = site;
  const { shadowErrors, live } = site;
  return {
    ...{ systemId, version, modelType, running, status },
    stage: site.stage === null ? null : (rules.stages[site.stage]?.name ?? null),
    ...{ deploymentId, revertId },
    shadowMape: percentOrNull(shadowErrors?.candidate ?? null),
    runningMape: percentOrNull(shadowErrors?.running ?? null),
    liveWape: percentOrNull(live?.error ?? null),
    previousWape: percentOrNull(live?.before ?? null),
    ...{ reason, at },
  };
}

type DataOf<Type extends RolloutFact['type']> = Extract<RolloutFact, { type: Type }>['data'];

interface Stopped {
  readonly breach: Breach | null;
}

const presentStopped = <Data extends Stopped>(data: Data) => ({
  ...data,
  breach: data.breach === null ? null : presentBreach(data.breach),
});

/** The data of facts that hold shares. */
export const rolloutFactsWithShares = {
  RolloutPlanned: (data: DataOf<'RolloutPlanned'>) => ({ ...data, rules: presentRules(data.rules) }),
  ShadowsCompared: ({ results }: DataOf<'ShadowsCompared'>) => ({
    results: results.map(({ candidateError, runningError, ...result }) => ({
      ...result,
      candidateError: percentOrNull(candidateError),
      runningError: percentOrNull(runningError),
    })),
  }),
  ErrorsCompared: ({ results }: DataOf<'ErrorsCompared'>) => ({
    results: results.map(({ liveError, previousError, ...result }) => ({
      ...result,
      liveError: percentOrNull(liveError),
      previousError: percentOrNull(previousError),
    })),
  }),
  RolloutPaused: presentStopped<DataOf<'RolloutPaused'>>,
  RolloutAborted: presentStopped<DataOf<'RolloutAborted'>>,
};
