import type { JobView } from '../../cloud/control-plane.ts';
import type { RecordedFact } from '../../events/envelope.ts';
import type { Decision, TrainingJobFact } from '../../events/training-job.ts';
import type { TrainingProgress } from '../../ports/trainer.ts';
import type { DeploymentDocument } from '../../projections/documents.ts';
import { presentDecision, presentMember, presentMetrics } from './metrics.ts';
import { modelPath } from './model.ts';

/** A job as its status call shows it. */

const HELD = 'held: the fleet is stopped until a person resumes it with POST /api/v1/ml/fleet/resume';

const isProgress = (value: unknown): value is TrainingProgress =>
  typeof value === 'object' && value !== null && 'stage' in value && 'share' in value;

function progressOf({ effects }: JobView) {
  const progress = effects.find(({ type }) => type === 'train-models')?.progress;
  const steps: readonly unknown[] = Array.isArray(progress) ? progress : [];
  return steps.filter(isProgress).map(({ stage, model, share }) => ({ stage, model, share }));
}

const factsOf = ({ facts }: JobView): readonly TrainingJobFact[] =>
  // The stream of a job holds no other facts: the log checked each against the schemas of its type.
  facts.map(({ fact }: RecordedFact) => fact as TrainingJobFact);

/** What anybody who knows the id may see. */
export function presentPublicJob(jobId: string, view: JobView) {
  return {
    jobId,
    status: view.stage.state,
    progress: progressOf(view),
    createdAt: view.facts.at(0)?.metadata.at ?? '',
    updatedAt: view.facts.at(-1)?.metadata.at ?? '',
  };
}

interface Verdict {
  readonly decision: Decision | null;
  readonly reason: string | null;
}

function noteVerdict(verdict: Verdict, fact: TrainingJobFact): Verdict {
  switch (fact.type) {
    case 'JobDeployed':
      return { ...verdict, decision: fact.data.decision };
    case 'JobKept':
      return fact.data;
    case 'JobRolledBack':
    case 'JobUndelivered':
    case 'JobFailed':
    case 'JobCancelled':
      return { ...verdict, reason: fact.data.reason };
    case 'JobRequested':
    case 'DataCollected':
    case 'ModelEvaluated':
    case 'JobAcked':
      return verdict;
  }
}

const verdictOf = (view: JobView): Verdict =>
  factsOf(view).reduce(noteVerdict, { decision: null, reason: null });

function presentEvaluation({ stage }: JobView) {
  const { evaluation, request } = stage.context;
  if (evaluation === null || request === null) {
    return { version: null, metrics: null, seasonalNaive: null, members: [], artifact: null, timings: [] };
  }
  const { version, modelType, metrics, seasonalNaive, members, artifact, timings = [] } = evaluation;
  return {
    version,
    metrics: presentMetrics(metrics),
    seasonalNaive: presentMetrics(seasonalNaive),
    members: members.map(presentMember),
    artifact: { ...artifact, url: modelPath({ systemId: request.systemId, version, modelType }) },
    timings,
  };
}

function presentDeployment({ stage }: JobView, document: DeploymentDocument | null) {
  const { deploymentId } = stage.context;
  if (deploymentId === null) return null;
  return {
    deploymentId,
    status: document?.status ?? null,
    reason: document?.reason ?? null,
    inferenceMs: document?.inferenceMs ?? null,
  };
}

function presentDataSet({ stage }: JobView) {
  const { dataSet } = stage.context;
  if (dataSet === null) return null;
  const { from, to, hours, warmupHours, filledHours, findings } = dataSet;
  return { from, to, hours, warmupHours, filledHours, findings };
}

/** The public view and all the rest, for those who may read the site's models. */
export function presentJob(jobId: string, view: JobView, deployment: DeploymentDocument | null) {
  const { request } = view.stage.context;
  const { decision, reason } = verdictOf(view);
  return {
    ...presentPublicJob(jobId, view),
    ...(request === null
      ? {}
      : {
          systemId: request.systemId,
          modelType: request.modelType,
          trainingWindowDays: request.trainingWindowDays,
          forceRedeploy: request.forceRedeploy,
          trigger: request.trigger,
        }),
    ...presentEvaluation(view),
    reason: view.held ? HELD : reason,
    held: view.held,
    decision: decision === null ? null : presentDecision(decision),
    dataSet: presentDataSet(view),
    deployment: presentDeployment(view, deployment),
    work: view.effects.map(({ type, state, attempts }) => ({ type, state, attempts })),
  };
}
