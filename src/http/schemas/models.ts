import Type from 'typebox';
import { ArtifactRef, Instant, ModelVersion, nullable, Sha256 } from '../../events/values.ts';
import { closed, paging } from './common.ts';
import {
  AccuracySchema,
  DecisionSchema,
  ErrorProfileSchema,
  MemberSchema,
  MetricsSchema,
} from './metrics.ts';
import { modelExample } from './model-example.ts';

const DataSetSchema = Type.Object(
  {
    checksum: Sha256,
    size: Type.Integer(),
    from: Instant,
    to: Instant,
    hours: Type.Integer(),
    warmupHours: Type.Integer({ description: 'Hours before `from` that only warm up the lags.' }),
    filledHours: Type.Integer(),
    findings: Type.Array(Type.String()),
  },
  { title: 'ModelDataSet', description: 'The cleaned hours that it was trained on, by their hash.' },
);

const OfferSchema = Type.Object(
  {
    deploymentId: Type.String(),
    deviceId: Type.String(),
    modelType: Type.String(),
    offeredAt: Instant,
    offeredBy: Type.String({ description: 'Opaque id of who caused it; `cloud` for the gate.' }),
    restored: Type.Boolean({ description: 'A person wanted this version again.' }),
  },
  { title: 'Offer' },
);

const RunSchema = Type.Object(
  {
    deploymentId: Type.String(),
    deviceId: Type.String(),
    modelType: nullable(Type.String()),
    from: Instant,
    to: nullable(Instant),
    ended: nullable(
      Type.Enum(['replaced', 'rolledback', 'device-replaced', 'site-decommissioned'], {
        description: 'Why it stopped; null while it runs.',
      }),
    ),
    reason: nullable(Type.String({ description: 'The device’s own words after a rollback.' })),
  },
  { title: 'Run' },
);

const ModelFileSchema = Type.Object(
  {
    modelType: Type.String(),
    ...ArtifactRef.properties,
    url: Type.String({ description: 'Where the file can be fetched.' }),
    metrics: MetricsSchema,
  },
  { title: 'ModelFile' },
);

export const ModelSchema = Type.Object(
  {
    systemId: Type.String(),
    version: ModelVersion,
    modelType: Type.String(),
    status: Type.Enum(['active', 'legacy'], { description: '`active` while the site’s device runs it.' }),
    jobId: Type.String(),
    artifact: ArtifactRef,
    url: Type.String({ description: 'Where the file can be fetched.' }),
    files: Type.Array(ModelFileSchema, {
      description: 'The ensemble’s file and one for each model that may be deployed.',
    }),
    accuracy: AccuracySchema,
    metrics: MetricsSchema,
    errorProfile: nullable(ErrorProfileSchema),
    members: Type.Array(MemberSchema),
    layoutVersion: Type.Integer(),
    trainedUntil: Instant,
    createdAt: Instant,
    verdict: nullable(Type.Enum(['deployed', 'kept'])),
    decision: nullable(DecisionSchema),
    keptReason: nullable(Type.String({ description: 'Why the gate kept it.' })),
    requestedBy: nullable(Type.String({ description: 'Opaque id of who asked for the training.' })),
    trigger: nullable(Type.Enum(['manual', 'weekly', 'alert'])),
    seed: nullable(Type.Integer({ description: 'With the data set, all that decides the artifact.' })),
    trainingWindowDays: nullable(Type.Integer()),
    dataSet: nullable(DataSetSchema),
    offers: Type.Array(OfferSchema, { description: 'To whom it was offered, oldest first.' }),
    runs: Type.Array(RunSchema, { description: 'Where it ran, oldest first.' }),
  },
  {
    title: 'Model',
    description: 'A model version of a site: what it was made of, how it was judged and where it ran.',
    examples: [modelExample],
  },
);

export const ModelFilter = Type.Object(
  { verdict: Type.Optional(Type.Enum(['deployed', 'kept'])), ...paging },
  closed,
);
