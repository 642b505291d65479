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
  SystemId,
} from './values.ts';

/** Facts of one deployment of one model version to one device, stream `deployment-{deploymentId}`. */

const closed = { additionalProperties: false } as const;

const Answer = described(
  Type.Object(
    {
      messageId: OpaqueId,
      deviceId: OpaqueId,
      assignment: Type.Integer({ minimum: 1 }),
      runningVersion: nullable(ModelVersion),
      inferenceMs: Type.Optional(Type.Number({ minimum: 0 })),
      reason: Type.Optional(Type.String({ maxLength: 500 })),
      at: Instant,
    },
    closed,
  ),
  'The device’s answer as it came, for the record.',
);
export type Answer = Static<typeof Answer>;

/** `version` is the offered model's, so that a fact tells its story alone. */
const Answered = Type.Object({ version: ModelVersion, answer: Answer }, closed);

export const deploymentFacts = {
  DeploymentOffered: firstVersion(
    'The site’s device is to run this version.',
    Type.Object(
      {
        deploymentId: OpaqueId,
        systemId: SystemId,
        tenant: OpaqueId,
        deviceId: OpaqueId,
        assignment: described(
          Type.Integer({ minimum: 1 }),
          'Rises with every desired state of the site; a device refuses a lower one.',
        ),
        version: ModelVersion,
        modelType: ModelTypeSchema,
        artifact: ArtifactRef,
        accuracy: Accuracy,
        trainedUntil: described(Instant, 'The hour after the last one that the model was trained on.'),
        jobId: nullable(OpaqueId),
        previousDeploymentId: described(
          nullable(OpaqueId),
          'The deployment that runs while this one is on offer.',
        ),
        expires: Instant,
        restore: described(
          Type.Optional(
            Type.Object({ idempotencyKey: Type.Optional(Type.String({ maxLength: 200 })) }, closed),
          ),
          'A person wanted this version again; absent for what a job or a new device asked for.',
        ),
        rolloutId: described(Type.Optional(OpaqueId), 'The rollout that offered it, or that takes it back.'),
      },
      closed,
    ),
  ),
  DeploymentActivated: firstVersion(
    'The device runs the version, after a healthy inference on its own hours.',
    Answered,
  ),
  DeploymentRejected: firstVersion('The device did not take the version; what ran before runs on.', Answered),
  DeploymentRolledBack: firstVersion(
    'The device restored the deployment that ran before, if there was one.',
    Type.Object({ version: ModelVersion, previousDeploymentId: nullable(OpaqueId), answer: Answer }, closed),
  ),
  DeploymentExpired: firstVersion(
    'The device did not answer until the end of the offer.',
    Type.Object({ version: ModelVersion, expires: Instant }, closed),
  ),
  DeploymentSuperseded: firstVersion(
    'A newer offer took its place before the device answered.',
    Type.Object({ version: ModelVersion, byDeploymentId: OpaqueId }, closed),
  ),
  LateAnswerRecorded: firstVersion(
    'An answer that came after the deployment had ended: recorded, nothing else changes.',
    Type.Object(
      { version: ModelVersion, status: Type.Enum(['active', 'rolledback', 'rejected']), answer: Answer },
      closed,
    ),
  ),
};

export type DeploymentFact = FactOf<typeof deploymentFacts>;
