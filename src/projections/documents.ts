import type { Contract } from '../events/site.ts';
import type {
  DataSet,
  Decision,
  ErrorProfile,
  MemberOutcome,
  MetricsData,
  ModelArtifact,
} from '../events/training-job.ts';
import type { Accuracy, ArtifactRef, ModelType } from '../events/values.ts';

/** What lists and pages show; folded from facts, never written otherwise. Instants are ISO 8601 with `Z`. */

export interface JobDocument {
  readonly jobId: string;
  readonly systemId: string;
  readonly tenant: string;
  readonly modelType: string;
  readonly trigger: string;
  readonly status: string;
  readonly version: string | null;
  /** Why it was kept, failed, cancelled, rolled back or not delivered. */
  readonly reason: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface DeploymentDocument {
  readonly deploymentId: string;
  readonly systemId: string;
  readonly tenant: string;
  readonly deviceId: string;
  readonly version: string;
  readonly modelType: string;
  readonly assignment: number;
  readonly status: string;
  readonly jobId: string | null;
  /** The rollout that offered it, or that takes it back. */
  readonly rolloutId?: string;
  readonly accuracy: Accuracy;
  readonly reason: string | null;
  readonly inferenceMs: number | null;
  readonly offeredAt: string;
  readonly updatedAt: string;
  readonly expires: string;
}

/** A time that a version ran on a device. */
export interface ModelRun {
  readonly deploymentId: string;
  readonly deviceId: string;
  /** The model of the version that ran; null where the offer is not known. */
  readonly modelType: string | null;
  readonly from: string;
  /** Null while it runs. */
  readonly to: string | null;
  /** Why it stopped; null while it runs. */
  readonly ended: 'replaced' | 'rolledback' | 'device-replaced' | 'site-decommissioned' | null;
  /** The device's own words after a rollback. */
  readonly reason: string | null;
}

/** An offer of the version to a device, and who made it. */
export interface ModelOffer {
  readonly deploymentId: string;
  readonly deviceId: string;
  readonly modelType: string;
  readonly offeredAt: string;
  readonly offeredBy: string;
  /** Made by a person who wanted this version again. */
  readonly restored: boolean;
}

/** What the version was made of. */
export interface ModelOrigin {
  readonly requestedBy: string;
  readonly trigger: 'manual' | 'weekly' | 'alert';
  readonly seed: number;
  readonly trainingWindowDays: number;
  readonly dataSet: DataSet | null;
}

/** A model version in the catalogue; key `systemId/version`. Whether it is the one in service, the site tells. */
export interface ModelDocument {
  readonly systemId: string;
  readonly tenant: string;
  readonly version: string;
  readonly modelType: ModelType;
  readonly jobId: string;
  readonly artifact: ArtifactRef;
  readonly accuracy: Accuracy;
  readonly metrics: MetricsData;
  readonly members: readonly MemberOutcome[];
  /** All files of the version, that of `modelType` among them. */
  readonly modelArtifacts: readonly ModelArtifact[];
  /** Null for versions from before it was kept. */
  readonly errorProfile: ErrorProfile | null;
  readonly layoutVersion: number;
  readonly trainedUntil: string;
  readonly createdAt: string;
  readonly verdict: 'deployed' | 'kept' | null;
  readonly decision: Decision | null;
  /** Why it was kept. */
  readonly keptReason: string | null;
  /** Null where the job's first facts are not in the log. */
  readonly origin: ModelOrigin | null;
  /** In the order in which they were made. */
  readonly offers: readonly ModelOffer[];
  readonly runs: readonly ModelRun[];
}

/** A site with what its device runs, should run and last tried; key systemId. */
export interface SiteDocument {
  readonly systemId: string;
  readonly tenant: string;
  readonly status: 'registered' | 'decommissioned';
  readonly zone: string;
  readonly contract: Contract | null;
  readonly deviceId: string | null;
  /** Instant of the next weekly retrain. */
  readonly nextRetrain: string | null;
  /** Why weekly retrains are paused. */
  readonly retrainsPaused: string | null;
  readonly running: RunningModel | null;
  readonly desired: RunningModel | null;
  /** What ran before, for as long as the device may go back to it. */
  readonly previous: RunningModel | null;
  readonly attempted: (RunningModel & { readonly status: string; readonly reason: string | null }) | null;
  /** Since when the attempt stands as it does. */
  readonly attemptedAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface RunningModel {
  readonly deploymentId: string;
  readonly version: string;
}

/** Who needs a file: a version its models, a job its data set. */
export interface FileHolder {
  readonly systemId: string;
  readonly jobId: string;
  /** Null for a data set. */
  readonly version: string | null;
  readonly at: string;
}

/** A file of the artifact store; key is its checksum. */
export interface FileDocument {
  readonly checksum: string;
  readonly kind: 'model' | 'data-set';
  readonly holders: readonly FileHolder[];
}
