import Type, { type Static } from 'typebox';
import { type FactOf, firstVersion } from './envelope.ts';
import { ArtifactRef, Instant, ModelTypeSchema, ModelVersion, nullable, OpaqueId } from './values.ts';

/** What a device did, written by the device alone, stream `device-journal-{deviceId}-{installationId}`. */

const closed = { additionalProperties: false } as const;

const assignmentNumber = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** A desired state whose signature, addressee and order hold. */
const Assignment = Type.Object(
  {
    deploymentId: OpaqueId,
    assignment: assignmentNumber,
    version: ModelVersion,
    modelType: ModelTypeSchema,
    url: Type.String({ maxLength: 500 }),
    artifact: ArtifactRef,
    expires: Instant,
  },
  closed,
);
export type Assignment = Static<typeof Assignment>;

const reason = Type.String({ minLength: 1, maxLength: 500 });
/** Median time of one inference on the site's own features. */
const inferenceMs = Type.Number({ minimum: 0 });
/** Site clock: until then the first failed inference takes the model back. */
const watchUntil = Instant;

export const deviceJournalFacts = {
  /** A new desired state is to be tried. */
  UpdateAssigned: firstVersion(Type.Object({ target: Assignment }, closed)),
  /** The desired state came from the cloud and was for this device, but is none that it may try. */
  AssignmentRefused: firstVersion(Type.Object({ target: Assignment, reason }, closed)),
  /** A new desired state names the very file that serves already, and it still answers well. */
  RunningConfirmed: firstVersion(Type.Object({ target: Assignment, inferenceMs, watchUntil }, closed)),
  ModelDownloaded: firstVersion(Type.Object({ bytes: Type.Integer({ minimum: 1 }) }, closed)),
  /** The file on disk is the one that was offered, can be loaded and was made for this site. */
  ModelVerified: firstVersion(Type.Object({ layoutVersion: Type.Integer({ minimum: 1 }) }, closed)),
  /** `forecast.onnx` is now the new file and `forecast_previous.onnx` the one that served before. */
  ModelSwapped: firstVersion(Type.Object({ previousVersion: nullable(ModelVersion) }, closed)),
  ModelProven: firstVersion(Type.Object({ inferenceMs, watchUntil }, closed)),
  /** The model of this assignment got through its watch. */
  WatchPassed: firstVersion(Type.Object({ assignment: assignmentNumber }, closed)),
  UpdateRejected: firstVersion(Type.Object({ reason }, closed)),
  /** Loading or inference of the model of this assignment failed; the previous one is to be restored. */
  ModelFailed: firstVersion(Type.Object({ assignment: assignmentNumber, reason }, closed)),
  /** A person on site takes the model of this assignment back; the previous one is to be restored. */
  ModelTakenBack: firstVersion(Type.Object({ assignment: assignmentNumber, reason }, closed)),
  /** `forecast.onnx` is the previous model again; null when there was none and nothing serves. */
  PreviousRestored: firstVersion(Type.Object({ runningVersion: nullable(ModelVersion) }, closed)),
  /** The model before the one that runs was kept long enough: its file is removed, there is nothing to go back to. */
  PreviousForgotten: firstVersion(Type.Object({ assignment: assignmentNumber }, closed)),
  /** The desired state became the deployment that already runs, or none: an attempt in progress is over. */
  UpdateWithdrawn: firstVersion(Type.Object({ assignment: Type.Integer({ minimum: 0 }) }, closed)),
};

export type DeviceJournalFact = FactOf<typeof deviceJournalFacts>;
