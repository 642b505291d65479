import Type, { type Static } from 'typebox';
import { type FactOf, firstVersion } from './envelope.ts';
import {
  Accuracy,
  ArtifactRef,
  described,
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

const DataSet = described(
  Type.Object(
    {
      checksum: Sha256,
      size: Type.Integer({ minimum: 1 }),
      from: described(Instant, 'First hour of the training window.'),
      to: described(Instant, 'The hour after its last.'),
      hours: Type.Integer({ minimum: 1 }),
      warmupHours: described(Type.Integer({ minimum: 0 }), 'Hours before `from` that only warm up the lags.'),
      filledHours: described(Type.Integer({ minimum: 0 }), 'Hours of short gaps, which are filled.'),
      findings: described(
        Type.Array(Type.String({ maxLength: 300 }), { maxItems: 50 }),
        'What was mended, for people, with its place.',
      ),
    },
    closed,
  ),
  'What the validation of the collected hours found and mended.',
);
export type DataSet = Static<typeof DataSet>;

export const MetricsData = Type.Object(
  {
    mape: described(Type.Number(), 'Over leads 1 to 48, as a fraction.'),
    wape: Type.Number(),
    rmse: described(Type.Number(), 'In kW.'),
    mase: described(Type.Number(), 'Against the value of 24 hours before.'),
    coverage90: described(nullable(Type.Number()), 'Share of hours within the 90 % band.'),
    mape24h: Type.Number(),
    mape48h: Type.Number(),
    hours: Type.Integer({ minimum: 0 }),
    excludedHours: described(
      Type.Integer({ minimum: 0 }),
      'Hours of hardly any load, which count in no percentage.',
    ),
  },
  closed,
);
export type MetricsData = Static<typeof MetricsData>;

const MemberOutcome = described(
  Type.Object(
    {
      model: Type.String({ maxLength: 30 }),
      outcome: Type.Enum(['trained', 'failed', 'unavailable']),
      reason: Type.Optional(Type.String({ maxLength: 500 })),
      weight: Type.Number({ minimum: 0, maximum: 1 }),
      metrics: nullable(MetricsData),
    },
    closed,
  ),
  'One model of the job: its outcome, its weight and what it scored in the backtest.',
);
export type MemberOutcome = Static<typeof MemberOutcome>;

const ErrorPoint = described(
  Type.Object(
    {
      at: Type.Integer({ minimum: 0, maximum: 48 }),
      mape: nullable(Type.Number()),
      meanAbsoluteError: nullable(Type.Number()),
      hours: Type.Integer({ minimum: 0 }),
    },
    closed,
  ),
  'Error at one lead time (1 to 48) or local hour (0 to 23); null where nothing could be scored. MAE in kW.',
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

const ModelArtifact = described(
  Type.Object({ modelType: ModelTypeSchema, artifact: ArtifactRef, metrics: MetricsData }, closed),
  'A file that the version has beside that of the model asked for, or that one itself.',
);
export type ModelArtifact = Static<typeof ModelArtifact>;

const StageTiming = described(
  Type.Object(
    {
      stage: Type.Enum(['prepare', 'fit', 'backtest', 'refit', 'export', 'parity']),
      model: nullable(Type.String({ maxLength: 30 })),
      cpuSeconds: Type.Number({ minimum: 0 }),
    },
    closed,
  ),
  'Processor time of a stage: of one model’s fit, or of all else that the stage did.',
);
export type StageTiming = Static<typeof StageTiming>;

const Comparison = described(
  Type.Object(
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
  ),
  'Champion and challenger on the same unseen hours. `gain` is 1 − challenger/champion.',
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

const Decision = described(
  Type.Object(
    {
      metric: Type.Enum(['mape', 'wape']),
      target: described(Type.Number(), 'The error that it has to be under.'),
      minimumGain: described(Type.Number(), 'Share by which the champion has to be beaten.'),
      minimumUnseenDays: Type.Integer(),
      challenger: described(Type.Number(), 'The version’s own error.'),
      seasonalNaive: Type.Number(),
      forced: Type.Boolean(),
      comparison: nullable(Comparison),
    },
    closed,
  ),
  'The gate’s verdict with the thresholds and numbers it was reached by; shares are fractions.',
);
export type Decision = Static<typeof Decision>;

export const trainingJobFacts = {
  JobRequested: firstVersion(
    'A retrain is to happen: asked for by a person, by the weekly slot or by an alert.',
    Type.Object(
      {
        jobId: OpaqueId,
        systemId: SystemId,
        tenant: OpaqueId,
        modelType: ModelTypeSchema,
        members: Type.Enum(['all', 'documented']),
        trainingWindowDays: described(
          Type.Integer({ minimum: 30, maximum: 1095 }),
          'Days of hours to learn from.',
        ),
        forceRedeploy: described(Type.Boolean(), 'Skips the comparison with the champion, and nothing else.'),
        hold: described(
          Type.Optional(Type.Boolean()),
          'The model is kept even where the gate would deploy it, for a rollout to send it.',
        ),
        trigger: described(Type.Enum(['manual', 'weekly', 'alert']), 'Who asked.'),
        seed: described(
          Type.Integer({ minimum: 0 }),
          'Of all that is drawn by lot: same data and seed, same file.',
        ),
        idempotencyKey: Type.Optional(Type.String({ maxLength: 200 })),
        weeklySlot: Type.Optional(Instant),
      },
      closed,
    ),
  ),
  DataCollected: firstVersion(
    'The hours to train on are collected, cleaned and kept by their hash.',
    Type.Object({ dataSet: DataSet }, closed),
  ),
  ModelEvaluated: firstVersion(
    'The models are trained and tested, and the files of a new version are stored.',
    Type.Object(
      {
        version: ModelVersion,
        layoutVersion: described(
          Type.Integer({ minimum: 1 }),
          'Of the input row; a change makes a major version.',
        ),
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
        modelArtifacts: described(
          Type.Optional(Type.Array(ModelArtifact, { maxItems: 10 })),
          'All files of the version; a fact without them has `artifact` alone.',
        ),
        errorProfile: Type.Optional(ErrorProfile),
        timings: Type.Optional(Type.Array(StageTiming, { maxItems: 50 })),
      },
      closed,
    ),
  ),
  JobDeployed: firstVersion(
    'The gate let the version pass: its deployment is under way.',
    Type.Object({ version: ModelVersion, deploymentId: OpaqueId, decision: Decision }, closed),
  ),
  JobKept: firstVersion(
    'The version stays in the catalogue and is not deployed.',
    Type.Object({ version: ModelVersion, reason: Type.Enum([...KEPT_REASONS]), decision: Decision }, closed),
  ),
  JobAcked: firstVersion(
    'The device answered that the model runs.',
    Type.Object({ deploymentId: OpaqueId }, closed),
  ),
  JobRolledBack: firstVersion(
    'The device took the model back, or refused it.',
    Type.Object({ deploymentId: OpaqueId, reason: Type.String({ maxLength: 500 }) }, closed),
  ),
  JobUndelivered: firstVersion(
    'The deployment ended without an answer.',
    Type.Object({ deploymentId: OpaqueId, reason: Type.Enum(['expired', 'superseded']) }, closed),
  ),
  JobFailed: firstVersion(
    'The job came to no version; the code is for programs, the reason for people.',
    Type.Object({ code: Type.String({ maxLength: 60 }), reason: Type.String({ maxLength: 1000 }) }, closed),
  ),
  JobCancelled: firstVersion(
    'Somebody stopped the job before its verdict.',
    Type.Object({ reason: Type.String({ maxLength: 500 }) }, closed),
  ),
};

export type TrainingJobFact = FactOf<typeof trainingJobFacts>;
