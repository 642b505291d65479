import Type, { type Static } from 'typebox';
import { type FactOf, firstVersion } from './envelope.ts';
import {
  Accuracy,
  ArtifactRef,
  Instant,
  ModelTypeSchema,
  ModelVersion,
  nullable,
  OpaqueId,
  Sha256,
  SystemId,
} from './values.ts';

/** Facts of a training job, stream `training-job-{jobId}`. */

const closed = { additionalProperties: false } as const;

/** What the validation of the collected hours found and mended. */
const DataSet = Type.Object(
  {
    checksum: Sha256,
    size: Type.Integer({ minimum: 1 }),
    /** First hour of the training window, and the hour after its last. */
    from: Instant,
    to: Instant,
    hours: Type.Integer({ minimum: 1 }),
    /** Hours before `from` that only warm up the lags. */
    warmupHours: Type.Integer({ minimum: 0 }),
    filledHours: Type.Integer({ minimum: 0 }),
    findings: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 50 }),
  },
  closed,
);
export type DataSet = Static<typeof DataSet>;

export const MetricsData = Type.Object(
  {
    mape: Type.Number(),
    wape: Type.Number(),
    rmse: Type.Number(),
    mase: Type.Number(),
    coverage90: nullable(Type.Number()),
    mape24h: Type.Number(),
    mape48h: Type.Number(),
    hours: Type.Integer({ minimum: 0 }),
    excludedHours: Type.Integer({ minimum: 0 }),
  },
  closed,
);
export type MetricsData = Static<typeof MetricsData>;

/** One model of the job: its outcome, its weight and what it scored in the backtest. */
const MemberOutcome = Type.Object(
  {
    model: Type.String({ maxLength: 30 }),
    outcome: Type.Enum(['trained', 'failed', 'unavailable']),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
    weight: Type.Number({ minimum: 0, maximum: 1 }),
    metrics: nullable(MetricsData),
  },
  closed,
);
export type MemberOutcome = Static<typeof MemberOutcome>;

/** Error at one lead time (1 to 48) or local hour (0 to 23); null where nothing could be scored. MAE in kW. */
const ErrorPoint = Type.Object(
  {
    at: Type.Integer({ minimum: 0, maximum: 48 }),
    mape: nullable(Type.Number()),
    meanAbsoluteError: nullable(Type.Number()),
    hours: Type.Integer({ minimum: 0 }),
  },
  closed,
);
export type ErrorPoint = Static<typeof ErrorPoint>;

const ErrorProfile = Type.Object(
  {
    byLead: Type.Array(ErrorPoint, { maxItems: 48 }),
    byLocalHour: Type.Array(ErrorPoint, { maxItems: 24 }),
  },
  closed,
);
export type ErrorProfile = Static<typeof ErrorProfile>;

/** A file that the version has beside that of the model asked for, or that one itself. */
const ModelArtifact = Type.Object(
  { modelType: ModelTypeSchema, artifact: ArtifactRef, metrics: MetricsData },
  closed,
);
export type ModelArtifact = Static<typeof ModelArtifact>;

/** Processor time of a stage: of one model's fit, or of all else that the stage did. */
const StageTiming = Type.Object(
  {
    stage: Type.Enum(['prepare', 'fit', 'backtest', 'refit', 'export', 'parity']),
    model: nullable(Type.String({ maxLength: 30 })),
    cpuSeconds: Type.Number({ minimum: 0 }),
  },
  closed,
);
export type StageTiming = Static<typeof StageTiming>;

/** Champion and challenger on the same unseen hours. `gain` is 1 − challenger/champion. */
const Comparison = Type.Object(
  {
    championVersion: ModelVersion,
    championDeploymentId: OpaqueId,
    unseenDays: Type.Integer({ minimum: 0 }),
    championMape: nullable(Type.Number()),
    challengerMape: nullable(Type.Number()),
    gain: nullable(Type.Number()),
    gainLower90: nullable(Type.Number()),
    gainUpper90: nullable(Type.Number()),
  },
  closed,
);
export type Comparison = Static<typeof Comparison>;

const KEPT_REASONS = [
  'target-missed',
  'not-better-than-naive',
  'not-enough-unseen-days',
  'not-better-than-champion',
  'champion-changed',
  'no-device',
  'site-gone',
  'held-for-rollout',
] as const;

/** The gate's verdict with the thresholds and numbers it was reached by; shares are fractions. */
const Decision = Type.Object(
  {
    metric: Type.Enum(['mape', 'wape']),
    target: Type.Number(),
    minimumGain: Type.Number(),
    minimumUnseenDays: Type.Integer(),
    challenger: Type.Number(),
    seasonalNaive: Type.Number(),
    forced: Type.Boolean(),
    comparison: nullable(Comparison),
  },
  closed,
);
export type Decision = Static<typeof Decision>;

export const trainingJobFacts = {
  JobRequested: firstVersion(
    Type.Object(
      {
        jobId: OpaqueId,
        systemId: SystemId,
        tenant: OpaqueId,
        modelType: ModelTypeSchema,
        members: Type.Enum(['all', 'documented']),
        trainingWindowDays: Type.Integer({ minimum: 30, maximum: 1095 }),
        forceRedeploy: Type.Boolean(),
        /** The model is kept even where the gate would deploy it, for a rollout to send it. */
        hold: Type.Optional(Type.Boolean()),
        trigger: Type.Enum(['manual', 'weekly', 'alert']),
        seed: Type.Integer({ minimum: 0 }),
        idempotencyKey: Type.Optional(Type.String({ maxLength: 200 })),
        weeklySlot: Type.Optional(Instant),
      },
      closed,
    ),
  ),
  DataCollected: firstVersion(Type.Object({ dataSet: DataSet }, closed)),
  ModelEvaluated: firstVersion(
    Type.Object(
      {
        version: ModelVersion,
        layoutVersion: Type.Integer({ minimum: 1 }),
        modelType: ModelTypeSchema,
        artifact: ArtifactRef,
        members: Type.Array(MemberOutcome, { maxItems: 20 }),
        gateMetric: Type.Enum(['mape', 'wape']),
        metrics: MetricsData,
        seasonalNaive: MetricsData,
        comparison: nullable(Comparison),
        accuracy: Accuracy,
        trainedUntil: Instant,
        cpuSeconds: Type.Number({ minimum: 0 }),
        /** All files of the version; a fact without them has `artifact` alone. */
        modelArtifacts: Type.Optional(Type.Array(ModelArtifact, { maxItems: 10 })),
        errorProfile: Type.Optional(ErrorProfile),
        timings: Type.Optional(Type.Array(StageTiming, { maxItems: 50 })),
      },
      closed,
    ),
  ),
  JobDeployed: firstVersion(
    Type.Object({ version: ModelVersion, deploymentId: OpaqueId, decision: Decision }, closed),
  ),
  JobKept: firstVersion(
    Type.Object({ version: ModelVersion, reason: Type.Enum([...KEPT_REASONS]), decision: Decision }, closed),
  ),
  JobAcked: firstVersion(Type.Object({ deploymentId: OpaqueId }, closed)),
  JobRolledBack: firstVersion(
    Type.Object({ deploymentId: OpaqueId, reason: Type.String({ maxLength: 500 }) }, closed),
  ),
  JobUndelivered: firstVersion(
    Type.Object({ deploymentId: OpaqueId, reason: Type.Enum(['expired', 'superseded']) }, closed),
  ),
  JobFailed: firstVersion(
    Type.Object({ code: Type.String({ maxLength: 60 }), reason: Type.String({ maxLength: 1000 }) }, closed),
  ),
  JobCancelled: firstVersion(Type.Object({ reason: Type.String({ maxLength: 500 }) }, closed)),
};

export type TrainingJobFact = FactOf<typeof trainingJobFacts>;
