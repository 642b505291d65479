import Type from 'typebox';
import { Instant, ModelVersion, nullable, SystemId } from '../../events/values.ts';
import { deployment } from '../../machines/deployment.ts';
import { closed, PageOf, paging } from './common.ts';
import { AccuracySchema } from './metrics.ts';

const DeploymentStatus = Type.Enum(
  deployment.definition.states.map(({ name }) => name).filter((name) => name !== 'new'),
);

export const DeploymentSchema = Type.Object(
  {
    deploymentId: Type.String(),
    systemId: Type.String(),
    deviceId: Type.String(),
    version: ModelVersion,
    modelType: Type.String(),
    assignment: Type.Integer({ description: 'Rises with every desired state of the site.' }),
    status: DeploymentStatus,
    jobId: nullable(Type.String()),
    accuracy: AccuracySchema,
    reason: nullable(Type.String()),
    inferenceMs: nullable(Type.Number()),
    offeredAt: Instant,
    updatedAt: Instant,
    expires: Instant,
  },
  { description: 'One model version on its way to one device.' },
);

export const DeploymentPage = PageOf(DeploymentSchema, 'Deployments, newest first.');

export const DeploymentFilter = Type.Object(
  { systemId: Type.Optional(SystemId), status: Type.Optional(DeploymentStatus), ...paging },
  closed,
);
