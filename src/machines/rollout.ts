import type { RolloutFact } from '../events/rollout.ts';
import { facts, idOf, type RolloutCommand, type RolloutState, registry } from './rollout-commands.ts';
import { allAnswered, allPassed, allTakenBack, withinStage } from './rollout-guards.ts';
import {
  changeSites,
  compareErrors,
  compareShadows,
  type DataOf,
  emptyRollout,
  makeReverts,
  offerSites,
  passStage,
  placeSites,
  planSites,
  type RolloutContext,
  recordOutcomes,
  resumed,
} from './rollout-model.ts';
import { type EffectRule, illegal, lifecycleOf, type TransitionTable } from './table.ts';

/**
 * A rollout of model versions over many sites, stage by stage. One effect at a time takes it on: every fact that it
 * answers with asks for the next one, so that a node that dies leaves exactly one piece of work to another.
 */

/** Looks what the rollout needs next, and does it. */
const advance: EffectRule<RolloutContext, unknown> = {
  type: 'advance-rollout',
  lane: 'quick',
  request: (context) => ({ data: { rolloutId: idOf(context), turn: context.turn } }),
};
/** A person pauses beside the work that goes on: it looks by itself. */
const advanceUnlessPerson: EffectRule<RolloutContext, DataOf<'RolloutPaused'>> = {
  ...advance,
  request: (context, { cause }) =>
    cause === 'person' ? null : { data: { rolloutId: idOf(context), turn: context.turn } },
};
/** The deadline of a stage's models in service. */
const endSoak: EffectRule<RolloutContext, DataOf<'SoakBegan'>> = {
  type: 'end-soak',
  lane: 'quick',
  request: (context, { stage, until }) => ({
    data: { rolloutId: idOf(context), stage },
    due: { clock: 'site', at: until },
  }),
};

const nothing = {
  RolloutPlanned: illegal,
  SitesPlanned: illegal,
  RolloutStarted: illegal,
  ShadowsRequested: illegal,
  ShadowsCompared: illegal,
  SitesOffered: illegal,
  SitesSkipped: illegal,
  OutcomesRecorded: illegal,
  SoakBegan: illegal,
  ErrorsCompared: illegal,
  SoakEnded: illegal,
  StagePassed: illegal,
  RolloutPaused: illegal,
  RolloutResumed: illegal,
  RolloutAborted: illegal,
  RevertsMade: illegal,
  RolloutReverted: illegal,
  RolloutCompleted: illegal,
} as const;

const hear = <To extends RolloutState>(to: To) =>
  ({ OutcomesRecorded: { to, update: recordOutcomes, effects: [advance] } }) as const;

const stop = {
  RolloutPaused: {
    to: 'paused',
    update: (context: RolloutContext, stopped: DataOf<'RolloutPaused'>) => ({
      ...{ ...context, stopped },
      turn: context.turn + (stopped.cause === 'person' ? 0 : 1),
    }),
    effects: [advanceUnlessPerson],
  },
} as const;

const abort = {
  RolloutAborted: {
    to: 'reverting',
    update: (context: RolloutContext, stopped: DataOf<'RolloutAborted'>) => ({
      ...{ ...context, turn: context.turn + 1, stopped },
    }),
    effects: [advance],
  },
} as const;

const shadowsCompared = <To extends RolloutState>(to: To) =>
  ({ ShadowsCompared: { to, update: compareShadows, effects: [advance] } }) as const;

const table: TransitionTable<RolloutState, RolloutFact, RolloutContext> = {
  new: {
    ...nothing,
    RolloutPlanned: {
      to: 'planned',
      update: (context, plan) => ({ ...context, plan, stage: plan.rules.shadowDays > 0 ? -1 : 0 }),
    },
  },
  planned: {
    ...nothing,
    SitesPlanned: {
      to: 'planned',
      update: planSites,
    },
    RolloutStarted: { to: 'rolling', update: placeSites, effects: [advance] },
  },
  rolling: {
    ...nothing,
    ...hear('rolling'),
    ...stop,
    ...abort,
    ...shadowsCompared('rolling'),
    ShadowsRequested: {
      to: 'rolling',
      update: (context, { shadows }) =>
        changeSites(context, shadows, (_, { candidate, running }) => ({
          ...{ status: 'shadowing', shadow: { candidate, running } },
        })),
      effects: [advance],
    },
    SitesOffered: { to: 'rolling', update: offerSites, effects: [advance], guards: [withinStage] },
    SitesSkipped: {
      to: 'rolling',
      update: (context, { sites }) =>
        changeSites(context, sites, (_, { reason }) => ({ status: 'skipped', reason })),
      effects: [advance],
    },
    SoakBegan: {
      to: 'soaking',
      update: (context, { until }) => ({ ...context, soakUntil: until }),
      effects: [advance, endSoak],
    },
    StagePassed: { to: 'rolling', update: passStage, effects: [advance], guards: [allAnswered] },
    RolloutCompleted: { to: 'completed', guards: [allPassed] },
  },
  soaking: {
    ...nothing,
    ...hear('soaking'),
    ...stop,
    ...abort,
    ErrorsCompared: { to: 'soaking', update: compareErrors },
    // The work beside it looks by itself, and finds the stage soaked.
    SoakEnded: { to: 'rolling', update: (context) => ({ ...context, soaked: true }) },
  },
  paused: {
    ...nothing,
    ...hear('paused'),
    ...shadowsCompared('paused'),
    ...abort,
    RolloutResumed: { to: 'rolling', update: resumed, effects: [advance] },
  },
  reverting: {
    ...nothing,
    ...hear('reverting'),
    RevertsMade: { to: 'reverting', update: makeReverts, effects: [advance] },
    RolloutReverted: { to: 'aborted', guards: [allTakenBack] },
  },
  aborted: nothing,
  completed: nothing,
};

export const rollout = lifecycleOf<RolloutState, RolloutCommand, RolloutFact, RolloutContext>({
  name: 'rollout',
  version: 1,
  streamType: 'rollout',
  initial: 'new',
  context: emptyRollout,
  table,
  commands: {
    start: ['RolloutPlanned', 'SitesPlanned', 'RolloutStarted'],
    'request-shadows': ['ShadowsRequested'],
    'compare-shadows': ['ShadowsCompared'],
    offer: ['SitesOffered'],
    skip: ['SitesSkipped'],
    'record-outcomes': ['OutcomesRecorded'],
    soak: ['SoakBegan'],
    'end-soak': ['ErrorsCompared', 'SoakEnded'],
    'pass-stage': ['StagePassed'],
    pause: ['RolloutPaused'],
    resume: ['RolloutResumed'],
    abort: ['RolloutAborted'],
    revert: ['RevertsMade'],
    'end-revert': ['RolloutReverted'],
    complete: ['RolloutCompleted'],
  },
  groups: { 'under way': ['rolling', 'soaking', 'paused'] },
  facts,
  registry,
});
