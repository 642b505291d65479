import { presentEvidence } from '../../cloud/alerts/present.ts';
import { evaluationAnswer } from '../../cloud/control/evaluation-answer.ts';
import type { AlertContext } from '../../machines/alert.ts';
import type { DeploymentContext } from '../../machines/deployment.ts';
import type { EvaluationContext } from '../../machines/evaluation.ts';
import type { FleetContext } from '../../machines/fleet.ts';
import type { Condition, GuardValue } from '../../machines/guard.ts';
import type { RolloutContext } from '../../machines/rollout-model.ts';
import type { SiteContext } from '../../machines/site.ts';
import type { TrainingJobContext } from '../../machines/training-job.ts';
import type { Instant, Refusal } from '../../visualizer/explain.ts';
import type { Judged, Step } from '../../visualizer/steps.ts';
import { presentEvaluated } from './fact.ts';
import { presentAccuracy } from './metrics.ts';
import { percent, percentOrNull } from './percent.ts';
import { rolloutFactsWithShares } from './rollout.ts';
import { presentSettings } from './settings.ts';

/** Instants of machines as people read them: percent for every share. */

interface Contexts {
  readonly 'training-job': TrainingJobContext;
  readonly deployment: DeploymentContext;
  readonly site: SiteContext;
  readonly alert: AlertContext;
  readonly evaluation: EvaluationContext;
  readonly fleet: FleetContext;
  readonly rollout: RolloutContext;
}
type Presenters = { readonly [Name in keyof Contexts]: (context: Contexts[Name]) => object };

/** Contexts that hold shares; all others go out as they are. */
const withShares: Presenters = {
  'training-job': ({ evaluation, ...context }) => ({
    ...context,
    evaluation: evaluation === null ? null : presentEvaluated(evaluation),
  }),
  deployment: ({ offer, ...context }) => ({
    ...context,
    offer: offer === null ? null : { ...offer, accuracy: presentAccuracy(offer.accuracy) },
  }),
  site: ({ settings, ...context }) => ({
    ...context,
    settings: settings === null ? null : presentSettings(settings),
  }),
  alert: ({ alert, ...context }) => ({
    ...context,
    alert: alert === null ? null : { ...alert, evidence: presentEvidence(alert.evidence, alert.rule) },
  }),
  evaluation: ({ result, ...context }) => ({
    ...context,
    result: result === null ? null : evaluationAnswer(result),
  }),
  rollout: ({ plan, stopped, ...context }) => ({
    ...context,
    plan: plan === null ? null : rolloutFactsWithShares.RolloutPlanned(plan),
    stopped: stopped === null ? null : rolloutFactsWithShares.RolloutPaused(stopped),
  }),
  fleet: ({ stop }) => ({ stop: stop === null ? null : { ...stop, limit: percent(stop.limit) } }),
};
const presenters: Readonly<Record<string, ((context: never) => object) | undefined>> = withShares;

export function presentContext(machine: string, context: unknown): unknown {
  const present = Object.hasOwn(presenters, machine) ? presenters[machine] : undefined;
  // A lifecycle's stages hold contexts of its own type only.
  return present === undefined ? context : present(context as never);
}

const presentValue = (value: GuardValue) =>
  typeof value === 'object' && value !== null ? { percent: percentOrNull(value.share) } : value;

const presentCondition = ({ name, holds, values }: Condition) => ({
  name,
  holds,
  values: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, presentValue(value)])),
});

export const presentJudged = ({ fact, guards }: Judged) => ({ fact, guards: guards.map(presentCondition) });

const presentRefusal = ({ guards, ...refusal }: Refusal) => ({
  ...refusal,
  guards: guards.map(presentCondition),
});

/** What the move did, without the fact itself and without the context that it led to. */
export const presentMove = ({ from, to, effects, spared, guards }: Step) => ({
  ...{ from, to, effects, spared },
  guards: guards.map(presentCondition),
});

export const presentInstant = (machine: string, instant: Instant) => ({
  version: instant.version,
  state: instant.state,
  context: presentContext(machine, instant.context),
  refused: instant.refused.map(presentRefusal),
  legal: instant.legal.map(({ guards, ...legal }) => ({ ...legal, guards: guards.map(presentCondition) })),
  barred: instant.barred.map(presentRefusal),
});
