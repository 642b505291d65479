import Type, { type Static } from 'typebox';
import { type FactOf, firstVersion } from './envelope.ts';
import {
  ArtifactRef,
  described,
  Instant,
  ModelTypeSchema,
  ModelVersion,
  nullable,
  OpaqueId,
} from './values.ts';

/** What a device did, written by the device alone, stream `device-journal-{deviceId}-{installationId}`. */

const closed = { additionalProperties: false } as const;

const assignmentNumber = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

const Assignment = described(
  Type.Object(
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
  ),
  'A desired state whose signature, addressee and order hold.',
);
export type Assignment = Static<typeof Assignment>;

const reason = Type.String({ minLength: 1, maxLength: 500 });
const inferenceMs = described(
  Type.Number({ minimum: 0 }),
  'Median time of one inference on the site’s own features.',
);
const watchUntil = described(
  Instant,
  'Site clock: until then the first failed inference takes the model back.',
);

export const deviceJournalFacts = {
  UpdateAssigned: firstVersion(
    'A new desired state is to be tried.',
    Type.Object({ target: Assignment }, closed),
  ),
  AssignmentRefused: firstVersion(
    'The desired state came from the cloud and was for this device, but is none that it may try.',
    Type.Object({ target: Assignment, reason }, closed),
  ),
  RunningConfirmed: firstVersion(
    'A new desired state names the very file that serves already, and it still answers well.',
    Type.Object({ target: Assignment, inferenceMs, watchUntil }, closed),
  ),
  ModelDownloaded: firstVersion(
    'The whole file of the attempt is on the device’s disk.',
    Type.Object({ bytes: Type.Integer({ minimum: 1 }) }, closed),
  ),
  ModelVerified: firstVersion(
    'The file on disk is the one that was offered, can be loaded and was made for this site.',
    Type.Object({ layoutVersion: Type.Integer({ minimum: 1 }) }, closed),
  ),
  ActivationBegan: firstVersion(
    'The verified file begins to take its place: from here on files are moved.',
    Type.Object({ assignment: assignmentNumber }, closed),
  ),
  ModelSwapped: firstVersion(
    '`forecast.onnx` is now the new file and `forecast_previous.onnx` the one that served before.',
    Type.Object({ previousVersion: nullable(ModelVersion) }, closed),
  ),
  ModelProven: firstVersion(
    'The new model answered well on the site’s own hours; it serves, and is watched.',
    Type.Object({ inferenceMs, watchUntil }, closed),
  ),
  WatchPassed: firstVersion(
    'The model of this assignment got through its watch.',
    Type.Object({ assignment: assignmentNumber }, closed),
  ),
  UpdateRejected: firstVersion(
    'The attempt ended before the file was swapped in; what served before serves on.',
    Type.Object({ reason }, closed),
  ),
  ModelFailed: firstVersion(
    'Loading or inference of the model of this assignment failed; the previous one is to be restored.',
    Type.Object({ assignment: assignmentNumber, reason }, closed),
  ),
  ModelTakenBack: firstVersion(
    'A person on site takes the model of this assignment back; the previous one is to be restored.',
    Type.Object({ assignment: assignmentNumber, reason }, closed),
  ),
  PreviousRestored: firstVersion(
    '`forecast.onnx` is the previous model again; null when there was none and nothing serves.',
    Type.Object({ runningVersion: nullable(ModelVersion) }, closed),
  ),
  PreviousForgotten: firstVersion(
    'The model before the one that runs was kept long enough: its file is removed, there is nothing to go back to.',
    Type.Object({ assignment: assignmentNumber }, closed),
  ),
  UpdateWithdrawn: firstVersion(
    'The desired state became the deployment that already runs, or none: an attempt in progress is over.',
    Type.Object({ assignment: Type.Integer({ minimum: 0 }) }, closed),
  ),
};

export type DeviceJournalFact = FactOf<typeof deviceJournalFacts>;
