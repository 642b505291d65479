import { presentEvidence } from '../../cloud/alerts/present.ts';
import { evaluationAnswer } from '../../cloud/control/evaluation-answer.ts';
import type { AlertFact } from '../../events/alert.ts';
import type { DeploymentFact } from '../../events/deployment.ts';
import type { Fact, RecordedFact } from '../../events/envelope.ts';
import type { EvaluationFact } from '../../events/evaluation.ts';
import type { FleetFact } from '../../events/fleet.ts';
import type { RolloutFact } from '../../events/rollout.ts';
import type { SiteFact } from '../../events/site.ts';
import type { ModelArtifact, TrainingJobFact } from '../../events/training-job.ts';
import {
  presentAccuracy,
  presentComparison,
  presentDecision,
  presentErrorProfile,
  presentMember,
  presentMetrics,
} from './metrics.ts';
import { percent } from './percent.ts';
import { rolloutFactsWithShares } from './rollout.ts';
import { presentSettings } from './settings.ts';

type Presenters<F extends Fact> = {
  readonly [Type in F['type']]?: (data: Extract<F, { type: Type }>['data']) => unknown;
};

const presentArtifact = (file: ModelArtifact): ModelArtifact => ({
  ...file,
  metrics: presentMetrics(file.metrics),
});

type Evaluated = Extract<TrainingJobFact, { type: 'ModelEvaluated' }>['data'];

export const presentEvaluated = (data: Evaluated) => ({
  ...data,
  members: data.members.map(presentMember),
  metrics: presentMetrics(data.metrics),
  ...(data.errorProfile === undefined ? {} : { errorProfile: presentErrorProfile(data.errorProfile) }),
  ...(data.modelArtifacts === undefined ? {} : { modelArtifacts: data.modelArtifacts.map(presentArtifact) }),
  seasonalNaive: presentMetrics(data.seasonalNaive),
  comparison: data.comparison === null ? null : presentComparison(data.comparison),
  accuracy: presentAccuracy(data.accuracy),
});

/** Facts whose data holds shares; all others go out as they are. */
const withShares: Presenters<
  EvaluationFact | TrainingJobFact | DeploymentFact | SiteFact | AlertFact | FleetFact | RolloutFact
> = {
  ModelEvaluated: presentEvaluated,
  JobDeployed: (data) => ({ ...data, decision: presentDecision(data.decision) }),
  JobKept: (data) => ({ ...data, decision: presentDecision(data.decision) }),
  EvaluationCompleted: ({ result }) => ({ result: evaluationAnswer(result) }),
  DeploymentOffered: (data) => ({ ...data, accuracy: presentAccuracy(data.accuracy) }),
  SiteRegistered: (data) => ({ ...data, settings: presentSettings(data.settings) }),
  FleetStopped: (data) => ({ ...data, limit: percent(data.limit) }),
  AlertOpened: (data) => ({ ...data, evidence: presentEvidence(data.evidence, data.rule) }),
  ...rolloutFactsWithShares,
  SiteChanged: (data) => ({ ...data, settings: presentSettings(data.settings) }),
};
const presenters: Readonly<Record<string, ((data: never) => unknown) | undefined>> = withShares;

/** A fact as the API shows it, with its data in percent where it holds shares. */
export function presentFact(recorded: RecordedFact) {
  const { fact, metadata } = recorded;
  const present = Object.hasOwn(presenters, fact.type) ? presenters[fact.type] : undefined;
  return {
    streamId: recorded.streamId,
    version: recorded.version,
    eventId: recorded.eventId,
    type: fact.type,
    // The log gives facts that fit their schema, which is what the presenter of that type takes.
    data: present === undefined ? fact.data : present(fact.data as never),
    at: metadata.at,
    actor: metadata.actor,
    systemId: metadata.systemId,
    correlationId: metadata.correlationId,
    causationId: metadata.causationId ?? null,
    machine: metadata.machine,
    recordedAt: recorded.recordedAt,
  };
}
