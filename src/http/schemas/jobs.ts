import Type from 'typebox';
import {
  ArtifactRef,
  Instant,
  ModelTypeSchema,
  ModelVersion,
  nullable,
  SystemId,
} from '../../events/values.ts';
import { trainingJob } from '../../machines/training-job.ts';
import { closed, PageOf, paging } from './common.ts';
import { DecisionSchema, MemberSchema, MetricsSchema } from './metrics.ts';

const JOB_STATES = trainingJob.definition.states.map(({ name }) => name).filter((name) => name !== 'new');

const JobStatus = Type.Enum(JOB_STATES, {
  description:
    'pending → training → evaluated → deployed | kept, then deployed → acked | rolledback | undelivered.',
});

export const RetrainBody = Type.Object(
  {
    systemId: SystemId,
    modelType: Type.Enum([...ModelTypeSchema.enum], {
      default: 'ensemble',
      description: 'The model that is judged and deployed; all models are trained.',
    }),
    members: Type.Enum(['all', 'documented'], {
      default: 'all',
      description: '`documented` restricts the ensemble to xgboost, lstm and prophet.',
    }),
    trainingWindowDays: Type.Integer({ minimum: 30, maximum: 1095, default: 90 }),
    forceRedeploy: Type.Boolean({
      default: false,
      description: 'Skips the comparison with the model in service, nothing else.',
    }),
    hold: Type.Boolean({
      default: false,
      description: 'Keeps the model even where the gate would deploy it, for a rollout to send it.',
    }),
  },
  {
    title: 'RetrainRequest',
    ...closed,
    examples: [{ systemId: 'bess-456', modelType: 'ensemble', trainingWindowDays: 90, forceRedeploy: false }],
  },
);

export const RetrainAccepted = Type.Object(
  { jobId: Type.String(), status: JobStatus, statusUrl: Type.String() },
  {
    title: 'RetrainAccepted',
    description: 'The job is in the log and can be read at once.',
    examples: [
      {
        jobId: '0197a3c2-7d1e-7c55-9a43-5a3b3f6f2d10',
        status: 'pending',
        statusUrl: '/api/v1/ml/training-jobs/0197a3c2-7d1e-7c55-9a43-5a3b3f6f2d10',
      },
    ],
  },
);

/** What anybody who knows the unguessable id may see. */
const publicJob = {
  jobId: Type.String(),
  status: JobStatus,
  progress: Type.Array(
    Type.Object({
      stage: Type.Enum(['fit', 'backtest', 'refit', 'export', 'parity']),
      model: nullable(Type.String()),
      share: Type.Number({ minimum: 0, maximum: 1 }),
    }),
    { description: 'How far each model and stage is; empty when nothing is being trained.' },
  ),
  createdAt: Instant,
  updatedAt: Instant,
};

const JobDeployment = Type.Object(
  {
    deploymentId: Type.String(),
    status: nullable(Type.String({ description: 'null until the lists have caught up with the log.' })),
    reason: nullable(Type.String()),
    inferenceMs: nullable(Type.Number()),
  },
  { title: 'JobDeployment' },
);

const DataSetSchema = Type.Object(
  {
    from: Instant,
    to: Instant,
    hours: Type.Integer(),
    warmupHours: Type.Integer(),
    filledHours: Type.Integer(),
    findings: Type.Array(Type.String()),
  },
  { title: 'JobDataSet' },
);

/** With a token of the tenant everything, without one only the first five members. */
export const JobSchema = Type.Object(
  {
    ...publicJob,
    systemId: Type.Optional(Type.String()),
    modelType: Type.Optional(Type.String()),
    trainingWindowDays: Type.Optional(Type.Integer()),
    forceRedeploy: Type.Optional(Type.Boolean()),
    held: Type.Optional(
      Type.Boolean({ description: 'The model waits because automatic deployments are stopped.' }),
    ),
    trigger: Type.Optional(Type.Enum(['manual', 'weekly', 'alert'])),
    version: Type.Optional(nullable(ModelVersion)),
    reason: Type.Optional(
      nullable(Type.String({ description: 'Why it was kept, failed, cancelled or taken back.' })),
    ),
    dataSet: Type.Optional(nullable(DataSetSchema)),
    metrics: Type.Optional(nullable(MetricsSchema)),
    seasonalNaive: Type.Optional(nullable(MetricsSchema)),
    members: Type.Optional(Type.Array(MemberSchema)),
    decision: Type.Optional(nullable(DecisionSchema)),
    artifact: Type.Optional(nullable(Type.Object({ ...ArtifactRef.properties, url: Type.String() }))),
    timings: Type.Optional(
      Type.Array(
        Type.Object({ stage: Type.String(), model: nullable(Type.String()), cpuSeconds: Type.Number() }),
        { description: 'Processor time of each stage, and of each model in it.' },
      ),
    ),
    deployment: Type.Optional(nullable(JobDeployment)),
    work: Type.Optional(
      Type.Array(
        Type.Object({
          type: Type.String(),
          state: Type.Enum(['waiting', 'running', 'retrying', 'dead']),
          attempts: Type.Integer(),
        }),
        { description: 'What is being done for the job, or waits to be.' },
      ),
    ),
  },
  { title: 'Job', description: 'Without a token only jobId, status, progress and times.' },
);

const JobRow = Type.Object(
  {
    jobId: Type.String(),
    systemId: Type.String(),
    modelType: Type.String(),
    trigger: Type.String(),
    status: JobStatus,
    version: nullable(ModelVersion),
    reason: nullable(Type.String()),
    createdAt: Instant,
    updatedAt: Instant,
  },
  { title: 'JobRow' },
);

export const JobPage = PageOf('JobPage', JobRow, 'Training jobs, newest first.');

export const JobFilter = Type.Object(
  { systemId: Type.Optional(SystemId), status: Type.Optional(JobStatus), ...paging },
  closed,
);

export const CancelBody = nullable(
  Type.Object({ reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) }, closed),
);
