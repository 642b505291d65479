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
  SystemId,
} from './values.ts';

/** Facts of one deployment of one model version to one device, stream `deployment-{deploymentId}`. */

const closed = { additionalProperties: false } as const;

/** The device's answer as it came, for the record. */
const Answer = Type.Object(
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
);
export type Answer = Static<typeof Answer>;

/** `version` is the offered model's, so that a fact tells its story alone. */
const answered = firstVersion(Type.Object({ version: ModelVersion, answer: Answer }, closed));

export const deploymentFacts = {
  DeploymentOffered: firstVersion(
    Type.Object(
      {
        deploymentId: OpaqueId,
        systemId: SystemId,
        tenant: OpaqueId,
        deviceId: OpaqueId,
        /** Rises with every desired state of the site; a device refuses a lower one. */
        assignment: Type.Integer({ minimum: 1 }),
        version: ModelVersion,
        modelType: ModelTypeSchema,
        artifact: ArtifactRef,
        accuracy: Accuracy,
        /** The hour after the last one that the model was trained on. */
        trainedUntil: Instant,
        jobId: nullable(OpaqueId),
        /** The deployment that runs while this one is on offer. */
        previousDeploymentId: nullable(OpaqueId),
        expires: Instant,
        /** A person wanted this version again; absent for what a job or a new device asked for. */
        restore: Type.Optional(
          Type.Object({ idempotencyKey: Type.Optional(Type.String({ maxLength: 200 })) }, closed),
        ),
        /** The rollout that offered it, or that takes it back. */
        rolloutId: Type.Optional(OpaqueId),
      },
      closed,
    ),
  ),
  DeploymentActivated: answered,
  DeploymentRejected: answered,
  /** The device restored the deployment that ran before, if there was one. */
  DeploymentRolledBack: firstVersion(
    Type.Object({ version: ModelVersion, previousDeploymentId: nullable(OpaqueId), answer: Answer }, closed),
  ),
  DeploymentExpired: firstVersion(Type.Object({ version: ModelVersion, expires: Instant }, closed)),
  DeploymentSuperseded: firstVersion(
    Type.Object({ version: ModelVersion, byDeploymentId: OpaqueId }, closed),
  ),
  /** An answer that came after the deployment had ended: recorded, nothing else changes. */
  LateAnswerRecorded: firstVersion(
    Type.Object(
      { version: ModelVersion, status: Type.Enum(['active', 'rolledback', 'rejected']), answer: Answer },
      closed,
    ),
  ),
};

export type DeploymentFact = FactOf<typeof deploymentFacts>;
