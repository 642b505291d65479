import type { RegistryOperation } from '../events/registry.ts';
import type { TrainingJobFact } from '../events/training-job.ts';
import { deployGuards } from './gate-guards.ts';
import type { Guard } from './guard.ts';
import type { Stage } from './lifecycle.ts';
import { type EffectRule, illegal, lifecycleOf, type TransitionTable } from './table.ts';

/**
 * The life of one training job. It counts as finished from `deployed` or `kept` on; the last step mirrors the
 * first outcome of its deployment and never changes after that.
 */

export type TrainingJobState =
  | 'new'
  | 'pending'
  | 'training'
  | 'evaluated'
  | 'deployed'
  | 'kept'
  | 'acked'
  | 'rolledback'
  | 'undelivered'
  | 'failed'
  | 'cancelled';

type DataOf<Type extends TrainingJobFact['type']> = Extract<TrainingJobFact, { type: Type }>['data'];

export interface TrainingJobContext {
  readonly request: DataOf<'JobRequested'> | null;
  readonly dataSet: DataOf<'DataCollected'>['dataSet'] | null;
  readonly evaluation: DataOf<'ModelEvaluated'> | null;
  readonly deploymentId: string | null;
}

export type TrainingJobStage = Stage<TrainingJobState, TrainingJobContext>;

/** The deployment's first outcome, as the job mirrors it. */
export type DeploymentOutcome =
  | { readonly outcome: 'acked' }
  | { readonly outcome: 'rolledback'; readonly reason: string }
  | { readonly outcome: 'expired' | 'superseded' };

export type TrainingJobCommand =
  | { readonly type: 'request'; readonly request: DataOf<'JobRequested'> }
  | { readonly type: 'record-data'; readonly dataSet: DataOf<'DataCollected'>['dataSet'] }
  | { readonly type: 'record-evaluation'; readonly evaluation: DataOf<'ModelEvaluated'> }
  | { readonly type: 'deploy'; readonly deployment: DataOf<'JobDeployed'> }
  | { readonly type: 'keep'; readonly kept: DataOf<'JobKept'> }
  | { readonly type: 'mirror'; readonly deploymentId: string; readonly outcome: DeploymentOutcome }
  | { readonly type: 'fail'; readonly code: string; readonly reason: string }
  | { readonly type: 'cancel'; readonly reason: string };

const jobIdOf = (context: TrainingJobContext) => ({ data: { jobId: context.request?.jobId ?? '' } });
const effect = (type: string, lane: 'quick' | 'slow'): EffectRule<TrainingJobContext, unknown> => ({
  type,
  lane,
  request: jobIdOf,
});

const collectData = effect('collect-data', 'quick');
const trainModels = effect('train-models', 'slow');
const judgeModel = effect('judge-model', 'quick');
/** What is kept goes to the archive at once. */
const sortFiles = effect('sort-files', 'quick');
/** The work in progress learns of a cancellation through the queue. */
const stopWork = effect('stop-work', 'quick');

/** The outcome that a job mirrors is that of its own deployment. */
const ownDeployment: Guard<TrainingJobContext, { readonly deploymentId: string }> = {
  name: 'own-deployment',
  needs: 'fact',
  judge: (context, { deploymentId }) => ({
    holds: deploymentId === context.deploymentId,
    values: { deploymentId, ofThisJob: context.deploymentId },
  }),
};

const fail = { to: 'failed' } as const;
const cancel = { to: 'cancelled', effects: [stopWork] } as const;

const unborn = {
  DataCollected: illegal,
  ModelEvaluated: illegal,
  JobDeployed: illegal,
  JobKept: illegal,
  JobAcked: illegal,
  JobRolledBack: illegal,
  JobUndelivered: illegal,
  JobFailed: illegal,
  JobCancelled: illegal,
} as const;
const ended = { JobRequested: illegal, ...unborn } as const;

const table: TransitionTable<TrainingJobState, TrainingJobFact, TrainingJobContext> = {
  new: {
    ...unborn,
    JobRequested: {
      to: 'pending',
      update: (context, request) => ({ ...context, request }),
      effects: [collectData],
    },
  },
  pending: {
    ...ended,
    DataCollected: {
      to: 'training',
      update: (context, { dataSet }) => ({ ...context, dataSet }),
      effects: [trainModels],
    },
    JobFailed: fail,
    JobCancelled: cancel,
  },
  training: {
    ...ended,
    ModelEvaluated: {
      to: 'evaluated',
      update: (context, evaluation) => ({ ...context, evaluation }),
      effects: [judgeModel],
    },
    JobFailed: fail,
    JobCancelled: cancel,
  },
  evaluated: {
    ...ended,
    JobDeployed: {
      to: 'deployed',
      update: (context, { deploymentId }) => ({ ...context, deploymentId }),
      guards: deployGuards,
    },
    JobKept: { to: 'kept', effects: [sortFiles] },
    JobFailed: fail,
    JobCancelled: cancel,
  },
  deployed: {
    ...ended,
    JobAcked: { to: 'acked', guards: [ownDeployment] },
    JobRolledBack: { to: 'rolledback', guards: [ownDeployment] },
    JobUndelivered: { to: 'undelivered', guards: [ownDeployment] },
  },
  kept: ended,
  acked: ended,
  rolledback: ended,
  undelivered: ended,
  failed: ended,
  cancelled: ended,
};

function mirrored(deploymentId: string, outcome: DeploymentOutcome): TrainingJobFact {
  switch (outcome.outcome) {
    case 'acked':
      return { type: 'JobAcked', data: { deploymentId } };
    case 'rolledback':
      return { type: 'JobRolledBack', data: { deploymentId, reason: outcome.reason } };
    case 'expired':
    case 'superseded':
      return { type: 'JobUndelivered', data: { deploymentId, reason: outcome.outcome } };
  }
}

function facts(command: TrainingJobCommand): readonly TrainingJobFact[] {
  switch (command.type) {
    case 'request':
      return [{ type: 'JobRequested', data: command.request }];
    case 'record-data':
      return [{ type: 'DataCollected', data: { dataSet: command.dataSet } }];
    case 'record-evaluation':
      return [{ type: 'ModelEvaluated', data: command.evaluation }];
    case 'deploy':
      return [{ type: 'JobDeployed', data: command.deployment }];
    case 'keep':
      return [{ type: 'JobKept', data: command.kept }];
    case 'mirror':
      return [mirrored(command.deploymentId, command.outcome)];
    case 'fail':
      return [{ type: 'JobFailed', data: { code: command.code, reason: command.reason } }];
    case 'cancel':
      return [{ type: 'JobCancelled', data: { reason: command.reason } }];
  }
}

/** Facts after which the site may have another unfinished job. */
const FINISHING: ReadonlySet<string> = new Set(['JobDeployed', 'JobKept', 'JobFailed', 'JobCancelled']);

function claimsOfRequest(request: DataOf<'JobRequested'>): readonly RegistryOperation[] {
  const { jobId, systemId, tenant, idempotencyKey, weeklySlot } = request;
  const claim = (kind: RegistryOperation['kind'], key: string): RegistryOperation => ({
    operation: 'claim',
    kind,
    key,
    value: jobId,
  });
  return [
    ...(idempotencyKey === undefined ? [] : [claim('idempotency-key', `${tenant}/${idempotencyKey}`)]),
    ...(weeklySlot === undefined ? [] : [claim('weekly-slot', `${systemId}/${weeklySlot}`)]),
    claim('unfinished-job', systemId),
  ];
}

function registry({ context }: TrainingJobStage, fact: TrainingJobFact): readonly RegistryOperation[] {
  if (fact.type === 'JobRequested') return claimsOfRequest(fact.data);
  const { request } = context;
  if (request === null) return [];
  const { systemId, jobId } = request;
  if (fact.type === 'ModelEvaluated') {
    const { version, layoutVersion } = fact.data;
    return [
      { operation: 'claim', kind: 'model-version', key: `${systemId}/${version}`, value: jobId },
      { operation: 'set', kind: 'latest-model-version', key: systemId, value: version },
      { operation: 'set', kind: 'latest-model-layout', key: systemId, value: String(layoutVersion) },
    ];
  }
  return FINISHING.has(fact.type)
    ? [{ operation: 'release', kind: 'unfinished-job', key: systemId, value: jobId }]
    : [];
}

export const trainingJob = lifecycleOf<
  TrainingJobState,
  TrainingJobCommand,
  TrainingJobFact,
  TrainingJobContext
>({
  name: 'training-job',
  version: 2,
  streamType: 'training-job',
  initial: 'new',
  context: { request: null, dataSet: null, evaluation: null, deploymentId: null },
  table,
  commands: {
    request: ['JobRequested'],
    'record-data': ['DataCollected'],
    'record-evaluation': ['ModelEvaluated'],
    deploy: ['JobDeployed'],
    keep: ['JobKept'],
    mirror: ['JobAcked', 'JobRolledBack', 'JobUndelivered'],
    fail: ['JobFailed'],
    cancel: ['JobCancelled'],
  },
  groups: { unfinished: ['pending', 'training', 'evaluated'] },
  facts,
  registry,
});

/** States in which a job still holds its site's place. */
export const UNFINISHED_JOB_STATES: readonly TrainingJobState[] = ['pending', 'training', 'evaluated'];
