import type { RecordedFact } from '../events/envelope.ts';
import type { SiteSettings } from '../events/site.ts';
import type { ModelType } from '../events/values.ts';
import type { SiteContext } from '../machines/site.ts';
import type { TrainingJobStage } from '../machines/training-job.ts';
import type { EffectProgress } from '../ports/effect-queue.ts';

/** What people and programs can ask of the cloud node, whatever asks: HTTP, the command line, a schedule. */

/** Who asks, and within which tenant. */
export interface Caller {
  /** Opaque id; goes into the facts. */
  readonly actor: string;
  readonly tenant: string;
}

export interface RetrainRequest {
  readonly systemId: string;
  readonly modelType: ModelType;
  readonly members: 'all' | 'documented';
  readonly trainingWindowDays: number;
  readonly forceRedeploy: boolean;
  readonly idempotencyKey?: string;
}

export interface RetrainAnswer {
  readonly jobId: string;
  /** False when the idempotency key named a job that exists already. */
  readonly created: boolean;
}

export interface RestoreRequest {
  readonly systemId: string;
  readonly version: string;
  /** The model of that version; the one that its job judged when absent. */
  readonly modelType?: ModelType;
  /** Whether a restore that is still on offer may be replaced. */
  readonly replace: boolean;
  readonly idempotencyKey?: string;
}

export interface RestoreAnswer {
  readonly deploymentId: string;
  /** False when the idempotency key named a deployment that exists already. */
  readonly created: boolean;
}

export interface JobView {
  readonly stage: TrainingJobStage;
  readonly facts: readonly RecordedFact[];
  /** Effects of the job that are not done, with their progress. */
  readonly effects: readonly EffectProgress[];
}

/** `startDate` and `endDate` are inclusive local days, `YYYY-MM-DD`. */
export interface EvaluationRequest {
  readonly systemId: string;
  readonly startDate: string;
  readonly endDate: string;
  readonly modelVersion: string;
  /** The model of that version; the one that its job judged when absent. */
  readonly modelType?: ModelType;
}

/** Percent where it says so in the contract of the call; hours are local. */
export interface EvaluationAnswer {
  readonly mape: number;
  readonly rmse: number;
  readonly accuracy24h: number;
  readonly accuracy48h: number;
  readonly worstHours: readonly number[];
  readonly bestHours: readonly number[];
  readonly mape24h: number;
  readonly mape48h: number;
  readonly accuracyTolerancePct: number;
  readonly inSampleHours: number;
  readonly evaluatedHours: number;
  readonly excludedHours: number;
  readonly missingHours: number;
  readonly origins: number;
}

export interface NewDevice {
  readonly deviceId: string;
  /** Shown once; only its hash is kept. */
  readonly secret: string;
}

export interface ControlPlane {
  /** Registers the site or changes its settings; `created` tells which. Throws {@link NotFound} for another tenant's id. */
  putSite(caller: Caller, systemId: string, settings: SiteSettings): Promise<{ readonly created: boolean }>;
  /** Throws {@link NotFound} for an unknown, decommissioned or another tenant's site, alike. */
  getSite(caller: Caller, systemId: string): Promise<SiteContext & { readonly settings: SiteSettings }>;
  decommissionSite(caller: Caller, systemId: string, reason: string): Promise<void>;
  /** Adds a device and makes it the site's active one; the one before is revoked. */
  addDevice(caller: Caller, systemId: string): Promise<NewDevice>;
  revokeDevice(caller: Caller, deviceId: string, reason: string): Promise<void>;
  /** Throws {@link NotFound}, {@link JobRunning} or {@link Invalid}. */
  requestRetrain(caller: Caller, request: RetrainRequest): Promise<RetrainAnswer>;
  /**
   * Offers a version again to the site's device, whether it ran before or was kept. Its file is read and held against
   * its checksum first. Throws {@link NotFound}, {@link Invalid} or {@link RestoreRefused}.
   */
  restoreModel(caller: Caller, request: RestoreRequest): Promise<RestoreAnswer>;
  /** Folds the job's own stream, so it is current at once; null when there is no such job. */
  readJob(jobId: string): Promise<JobView | null>;
  /** Throws {@link NotFound} or `IllegalCommand` when the job is past cancelling. */
  cancelJob(caller: Caller, jobId: string, reason: string): Promise<void>;
  /** Throws {@link NotFound} or {@link Invalid}. */
  evaluate(caller: Caller, request: EvaluationRequest, signal: AbortSignal): Promise<EvaluationAnswer>;
}

/** Nothing with this id that the caller may see. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
  readonly what: string;
  readonly id: string;

  constructor(what: string, id: string, hint: string) {
    super(`no ${what} ${JSON.stringify(id.slice(0, 80))}: ${hint}`);
    this.what = what;
    this.id = id;
  }
}

/** The request is well-formed but cannot be done; the message says what to change. */
export class Invalid extends Error {
  override readonly name = 'Invalid';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Why a version cannot be restored as things stand. `gone` when it never can be again. */
export type RestoreRefusal =
  | 'site-decommissioned'
  | 'no-device'
  | 'not-judged-yet'
  | 'already-running'
  | 'restore-under-way'
  | 'artifact-gone'
  | 'artifact-corrupt'
  | 'key-names-another';

export class RestoreRefused extends Error {
  override readonly name = 'RestoreRefused';
  readonly code: RestoreRefusal;
  /** The deployment that stands in the way, if it is one. */
  readonly deploymentId: string | null;

  constructor(code: RestoreRefusal, message: string, deploymentId: string | null = null) {
    super(message);
    this.code = code;
    this.deploymentId = deploymentId;
  }
}

/** At most one job of a site is unfinished. */
export class JobRunning extends Error {
  override readonly name = 'JobRunning';
  readonly systemId: string;
  readonly jobId: string;

  constructor(systemId: string, jobId: string) {
    super(`site ${systemId} already has an unfinished job ${jobId}: wait for it, or cancel it first`);
    this.systemId = systemId;
    this.jobId = jobId;
  }
}
