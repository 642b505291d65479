import Type from 'typebox';
import { Instant, ModelTypeSchema, ModelVersion, nullable, SystemId } from '../../events/values.ts';
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
    rolloutId: nullable(
      Type.String({ description: 'The rollout that offered it, or took its version back.' }),
    ),
    accuracy: AccuracySchema,
    reason: nullable(Type.String()),
    inferenceMs: nullable(Type.Number()),
    offeredAt: Instant,
    updatedAt: Instant,
    expires: Instant,
  },
  {
    title: 'Deployment',
    description: 'One model version on its way to one device.',
    examples: [
      {
        ...{
          deploymentId: 'b0f1c9a2-55b1-4f4e-8c0d-0f7f4a1f9f11',
          systemId: 'bess-456',
          deviceId: 'dev-7c1d',
        },
        ...{
          version: '1.2.0',
          modelType: 'ensemble',
          assignment: 8,
          status: 'offered',
          jobId: null,
          rolloutId: null,
        },
        ...{ accuracy: { mape: 3.8, rmse: 47.2 }, reason: null, inferenceMs: null },
        ...{ offeredAt: '2026-01-07T13:00:00Z', updatedAt: '2026-01-07T13:00:00Z' },
        expires: '2026-01-08T13:00:00Z',
      },
    ],
  },
);

export const DeploymentPage = PageOf('DeploymentPage', DeploymentSchema, 'Deployments, newest first.');

export const DeploymentFilter = Type.Object(
  { systemId: Type.Optional(SystemId), status: Type.Optional(DeploymentStatus), ...paging },
  closed,
);

export const RestoreBody = nullable(
  Type.Object(
    {
      modelType: Type.Optional(
        Type.Enum([...ModelTypeSchema.enum], {
          description: 'The model of that version; the one that its job judged when left out.',
        }),
      ),
      replace: Type.Optional(
        Type.Boolean({
          description:
            'Also when another restore of this site is still on offer, which then ends; false if left out.',
        }),
      ),
    },
    { ...closed, title: 'RestoreRequest', examples: [{ modelType: 'ensemble' }] },
  ),
);
