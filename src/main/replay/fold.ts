import type { AlertRule, Evidence } from '../../events/alert.ts';
import type { DeploymentFact } from '../../events/deployment.ts';
import type { Fact, SequencedFact } from '../../events/envelope.ts';
import { parseStreamId } from '../../events/stream-id.ts';
import type { DataSet, Decision, MetricsData } from '../../events/training-job.ts';
import { type AlertStage, alert } from '../../machines/alert.ts';
import { deployment } from '../../machines/deployment.ts';
import { type TrainingJobStage, trainingJob } from '../../machines/training-job.ts';

/** A job as its facts tell it. */
export interface FoldedJob {
  readonly jobId: string;
  readonly seed: number;
  readonly members: 'all' | 'documented';
  readonly trigger: 'manual' | 'weekly' | 'alert';
  /** Epoch ms; null for a job that belongs to no slot. */
  readonly slot: number | null;
  readonly forced: boolean;
  readonly requestedAt: number;
  readonly state: TrainingJobStage['state'];
  readonly dataSet: DataSet | null;
  readonly version: string | null;
  readonly metrics: MetricsData | null;
  readonly evaluation: TrainingJobStage['context']['evaluation'];
  readonly decision: Decision | null;
  /** Why it was kept, failed or taken back. */
  readonly reason: string | null;
  /** When its model began to serve, epoch ms. */
  readonly activeAt: number | null;
}

export interface FoldedAlert {
  readonly alertId: string;
  readonly rule: AlertRule;
  /** Local day whose scores opened it. */
  readonly day: string;
  readonly openedAt: number;
  readonly resolvedAt: number | null;
  readonly resolvedDay: string | null;
  readonly evidence: Evidence;
  readonly actions: readonly string[];
  readonly retrainJobId: string | null;
}

/** One model's time in service. */
export interface FoldedDeployment {
  readonly deploymentId: string;
  readonly jobId: string | null;
  readonly version: string;
  /** Of its file. */
  readonly checksum: string;
  readonly trainedUntil: string;
  readonly state: string;
  readonly offeredAt: number;
  readonly activeAt: number | null;
  readonly failedAt: number | null;
}

/** The log of a site, folded with nothing else at hand. */
export interface FoldedLog {
  readonly facts: number;
  readonly jobs: readonly FoldedJob[];
  readonly alerts: readonly FoldedAlert[];
  readonly deployments: readonly FoldedDeployment[];
  /** Slots that passed without a job, epoch ms. */
  readonly skipped: readonly { readonly slot: number; readonly reason: string }[];
}

type Stream = readonly SequencedFact[];

const instant = ({ metadata }: SequencedFact): number => Date.parse(metadata.at);

/** The facts of a stream as its own machine knows them: the log holds no others there. */
const factsOf = <F extends Fact>(stream: Stream): readonly F[] => stream.map(({ fact }) => fact as F);

const found = <Value>(stream: Stream, types: readonly string[], value: (fact: SequencedFact) => Value) => {
  const last = stream.findLast(({ fact }) => types.includes(fact.type));
  return last === undefined ? null : value(last);
};

function reasonOf({ fact }: SequencedFact): string | null {
  const { reason } = fact.data as { readonly reason?: string };
  return reason ?? null;
}

const ENDINGS = ['JobKept', 'JobFailed', 'JobCancelled', 'JobRolledBack', 'JobUndelivered'];

function decisionOf({ fact }: SequencedFact): Decision {
  const { decision } = fact.data as { readonly decision: Decision };
  return decision;
}

function jobOf(stream: Stream, activeAt: (jobId: string) => number | null): FoldedJob[] {
  const { state, context } = trainingJob.replay(factsOf(stream));
  const { request, evaluation, dataSet } = context;
  const [first] = stream;
  if (request === null || first === undefined) return [];
  const { jobId, trigger, seed, members, weeklySlot, forceRedeploy: forced } = request;
  return [
    {
      ...{ jobId, trigger, seed, members, forced, state, dataSet, evaluation },
      slot: weeklySlot === undefined ? null : Date.parse(weeklySlot),
      requestedAt: instant(first),
      version: evaluation?.version ?? null,
      metrics: evaluation?.metrics ?? null,
      decision: found(stream, ['JobDeployed', 'JobKept'], decisionOf),
      reason: found(stream, ENDINGS, reasonOf),
      activeAt: activeAt(jobId),
    },
  ];
}

function alertOf(stream: Stream): FoldedAlert[] {
  const { context }: AlertStage = alert.replay(factsOf(stream));
  const [first] = stream;
  if (context.alert === null || first === undefined) return [];
  const { alertId, rule, day, evidence, actions } = context.alert;
  const dayOf = ({ fact }: SequencedFact) => (fact.data as { readonly day: string | null }).day;
  return [
    {
      ...{ alertId, rule, day, evidence, actions },
      openedAt: instant(first),
      resolvedAt: found(stream, ['AlertResolved'], instant),
      resolvedDay: found(stream, ['AlertResolved'], dayOf),
      retrainJobId: context.retrainJobId,
    },
  ];
}

function deploymentOf(stream: Stream): FoldedDeployment[] {
  const { state, context } = deployment.replay(factsOf<DeploymentFact>(stream));
  const [first] = stream;
  if (context.offer === null || first === undefined) return [];
  const { deploymentId, jobId, version, trainedUntil, artifact } = context.offer;
  return [
    {
      ...{ deploymentId, jobId, version, state, trainedUntil, checksum: artifact.checksum },
      offeredAt: instant(first),
      activeAt: found(stream, ['DeploymentActivated'], instant),
      failedAt: found(stream, ['DeploymentRolledBack', 'DeploymentRejected'], instant),
    },
  ];
}

function skippedOf(facts: Stream): FoldedLog['skipped'] {
  return facts.flatMap(({ fact }) => {
    if (fact.type !== 'RetrainScheduled') return [];
    const { skipped } = fact.data as { readonly skipped: { slot: string; reason: string } | null };
    return skipped === null ? [] : [{ slot: Date.parse(skipped.slot), reason: skipped.reason }];
  });
}

/** Folds the facts of a site's streams. Pure: the same facts always say the same. */
export function foldLog(facts: Stream, systemId: string): FoldedLog {
  const ofSite = facts.filter(({ metadata }) => metadata.systemId === systemId);
  const streams = Map.groupBy(ofSite, ({ streamId }) => streamId);
  const ofType = (type: string): Stream[] =>
    [...streams].flatMap(([id, stream]) => (parseStreamId(id)?.type === type ? [stream] : []));
  const deployments = ofType('deployment').flatMap(deploymentOf);
  const activeAt = (jobId: string): number | null =>
    deployments.find((each) => each.jobId === jobId)?.activeAt ?? null;
  return {
    facts: ofSite.length,
    jobs: ofType('training-job').flatMap((stream) => jobOf(stream, activeAt)),
    alerts: ofType('alert').flatMap(alertOf),
    deployments,
    skipped: skippedOf(ofSite),
  };
}
