import type { Guard } from './guard.ts';
import { type DataOf, type RolloutContext, rulesOf } from './rollout-model.ts';

/** What must hold before a rollout goes on: its stages are kept to, and nothing is left behind. */

const countOf = ({ sites }: RolloutContext, statuses: readonly string[]): number =>
  sites.filter(({ status }) => statuses.includes(status)).length;

export const withinStage: Guard<RolloutContext, DataOf<'SitesOffered'>> = {
  name: 'within-stage',
  needs: 'fact',
  judge: (context, { offers }) => {
    const { upTo = 0 } = rulesOf(context).stages[context.stage] ?? {};
    const offered = context.sites.filter(({ stage }) => stage !== null).length;
    return { holds: offered + offers.length <= upTo, values: { offered, offers: offers.length, upTo } };
  },
};

export const allAnswered: Guard<RolloutContext, unknown> = {
  name: 'all-answered',
  needs: 'stage',
  judge: (context) => {
    const offered = countOf(context, ['offered']);
    const shadowing = context.stage < 0 ? countOf(context, ['waiting', 'shadowing']) : 0;
    return { holds: offered + shadowing === 0, values: { offered, shadowing } };
  },
};

export const allPassed: Guard<RolloutContext, unknown> = {
  name: 'all-passed',
  needs: 'stage',
  judge: (context) => {
    const { stage } = context;
    const stages = rulesOf(context).stages.length;
    return { holds: stage >= stages, values: { stage, stages } };
  },
};

export const allTakenBack: Guard<RolloutContext, unknown> = {
  name: 'all-taken-back',
  needs: 'stage',
  judge: (context) => {
    const updated = countOf(context, ['offered', 'active']);
    const reverting = countOf(context, ['reverting']);
    return { holds: updated + reverting === 0, values: { updated, reverting } };
  },
};
