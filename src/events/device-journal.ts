import Type, { type Static } from 'typebox';
import { type FactOf, firstVersion } from './envelope.ts';
import { ArtifactRef, Instant, ModelTypeSchema, ModelVersion, nullable, OpaqueId } from './values.ts';

/** What a device did, written by the device alone, stream `device-journal-{deviceId}-{installationId}`. */

const closed = { additionalProperties: false } as const;

/** A desired state that the device accepted to try. */
const Assignment = Type.Object(
  {
    deploymentId: OpaqueId,
    assignment: Type.Integer({ minimum: 1 }),
    version: ModelVersion,
    modelType: ModelTypeSchema,
    url: Type.String({ maxLength: 500 }),
    artifact: ArtifactRef,
    expires: Instant,
  },
  closed,
);
export type Assignment = Static<typeof Assignment>;

const reason = Type.String({ maxLength: 500 });

export const deviceJournalFacts = {
  /** A new desired state was read and its signature, order and freshness hold. */
  UpdateAssigned: firstVersion(Type.Object({ target: Assignment }, closed)),
  ModelDownloaded: firstVersion(Type.Object({ bytes: Type.Integer({ minimum: 1 }) }, closed)),
  ModelVerified: firstVersion(Type.Object({}, closed)),
  /** `forecast.onnx` is now the new file and `forecast_previous.onnx` the one that served before. */
  ModelSwapped: firstVersion(Type.Object({ previousVersion: nullable(ModelVersion) }, closed)),
  ModelProven: firstVersion(Type.Object({ inferenceMs: Type.Number({ minimum: 0 }) }, closed)),
  WatchPassed: firstVersion(Type.Object({}, closed)),
  UpdateRejected: firstVersion(Type.Object({ reason }, closed)),
  /** Loading or inference failed; the previous model is to be restored. */
  ModelFailed: firstVersion(Type.Object({ reason }, closed)),
  PreviousRestored: firstVersion(Type.Object({ runningVersion: nullable(ModelVersion) }, closed)),
  /** The desired state became the version that already runs, or none: the attempt is over. */
  UpdateWithdrawn: firstVersion(Type.Object({ assignment: Type.Integer({ minimum: 0 }) }, closed)),
};

export type DeviceJournalFact = FactOf<typeof deviceJournalFacts>;
