import type { Loaded } from '../actors/stream-actor.ts';
import type { AlertRule } from '../events/alert.ts';
import type { RecordedFact } from '../events/envelope.ts';
import type { EventFlag, SiteSettings } from '../events/site.ts';
import type { ArtifactRef, ModelType } from '../events/values.ts';
import type { AlertContext, AlertState } from '../machines/alert.ts';
import type { EvaluationStage } from '../machines/evaluation.ts';
import type { FleetContext, FleetState } from '../machines/fleet.ts';
import type { RolloutStage } from '../machines/rollout-commands.ts';
import type { SiteContext } from '../machines/site.ts';
import type { TrainingJobStage } from '../machines/training-job.ts';
import type { EffectProgress } from '../ports/effect-queue.ts';
import type { SiteAt } from '../projections/site-at.ts';
import type { RolloutPlan, RolloutRequest } from './rollout/request.ts';

/** What people and programs can ask of the cloud node, whatever asks: HTTP, the command line, a schedule. */

/** Who asks, and within which tenant. */
export interface Caller {
  /** Opaque id; goes into the facts. */
  readonly actor: string;
  readonly tenant: string;
  /** Id of the request by which it asks; facts name it as their cause. */
  readonly request?: string;
}

export interface RetrainRequest {
  readonly systemId: string;
  readonly modelType: ModelType;
  readonly members: 'all' | 'documented';
  readonly trainingWindowDays: number;
  readonly forceRedeploy: boolean;
  /** Whether the model is kept even where the gate would deploy it, for a rollout to send it; false when absent. */
  readonly hold?: boolean;
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

/** A model that is carried to its device: on offer to it, and signed. */
export interface CarriedOffer {
  readonly deploymentId: string;
  /** False when it was on offer already. */
  readonly created: boolean;
  /** The signed assignment, as it is published. */
  readonly assignment: Uint8Array;
  /** The name under which the file is signed in the metadata. */
  readonly target: string;
  readonly artifact: ArtifactRef;
  /** End of the offer, ISO instant. */
  readonly expires: string;
}

export interface JobView {
  readonly stage: TrainingJobStage;
  readonly facts: readonly RecordedFact[];
  /** Effects of the job that are not done, with their progress. */
  readonly effects: readonly EffectProgress[];
  /** Its model is good enough, and waits because the fleet is stopped. */
  readonly held: boolean;
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

/** An evaluation that was asked for and is fetched later. */
export interface EvaluationView {
  readonly stage: EvaluationStage;
  readonly request: NonNullable<EvaluationStage['context']['request']>;
  readonly facts: readonly RecordedFact[];
  /** Its work that is not done, with its progress. */
  readonly effects: readonly EffectProgress[];
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

/** Alerts of a site, of a rule, of both or of everything that are told to nobody for a time. */
export interface Silence {
  readonly systemId: string | null;
  readonly rule: AlertRule | null;
  /** ISO instant of the site clock. */
  readonly until: string;
}

/** What people do about alerts. All throw `NotFound` for what is another tenant's. */
interface AlertCalls {
  getAlert(caller: Caller, alertId: string): Promise<Loaded<AlertState, AlertContext>>;
  /** Throws `IllegalCommand` when the alert is not open. */
  acknowledgeAlert(caller: Caller, alertId: string, note: string): Promise<void>;
  /**
   * Gives the site the event flag that the alert proposes; again, it changes nothing. Throws `Invalid`, or
   * `IllegalCommand` when the alert is resolved.
   */
  acceptFlag(caller: Caller, alertId: string): Promise<void>;
  /** Throws `Invalid`. */
  addEventFlag(caller: Caller, systemId: string, flag: EventFlag): Promise<void>;
  /** Silences, or silences for another time. Throws `Invalid`. */
  setSilence(caller: Caller, silence: Silence, reason: string): Promise<void>;
  /** Throws `IllegalCommand` when there is no such silence. */
  liftSilence(caller: Caller, silence: Pick<Silence, 'systemId' | 'rule'>, reason: string): Promise<void>;
  silences(caller: Caller): Promise<readonly Silence[]>;
}

/** Whether models of the caller's tenant go out by themselves. */
interface FleetCalls {
  getFleet(caller: Caller): Promise<Loaded<FleetState, FleetContext>>;
  /** Throws `IllegalCommand` when the fleet is not stopped. */
  resumeFleet(caller: Caller, reason: string): Promise<void>;
}

/** A rollout as its own facts tell it. */
export interface RolloutView {
  readonly stage: RolloutStage;
  readonly plan: NonNullable<RolloutStage['context']['plan']>;
  readonly facts: readonly RecordedFact[];
}

/** Versions of many sites, stage by stage. All throw `NotFound` for what is another tenant's. */
interface RolloutCalls {
  /** What the rollout would do if it began now; nothing is written. Throws `Invalid`. */
  planRollout(caller: Caller, request: RolloutRequest): Promise<RolloutPlan>;
  /** `created` is false when the idempotency key named one that exists. Throws `Invalid` or `RolloutRefused`. */
  startRollout(
    caller: Caller,
    request: RolloutRequest,
  ): Promise<{ readonly rolloutId: string; readonly created: boolean }>;
  getRollout(caller: Caller, rolloutId: string): Promise<RolloutView>;
  /** Offers nothing new until it is resumed. Throws `IllegalCommand` when it does not go on. */
  pauseRollout(caller: Caller, rolloutId: string, reason: string): Promise<void>;
  /** Throws `IllegalCommand` when it is not paused, or `RolloutRefused`. */
  resumeRollout(caller: Caller, rolloutId: string, reason: string): Promise<void>;
  /** Offers every updated site what it ran before. Throws `IllegalCommand` when it has ended. */
  abortRollout(caller: Caller, rolloutId: string, reason: string): Promise<void>;
}

export interface SiteView extends SiteContext {
  readonly settings: SiteSettings;
  /** The last weekly slot that passed without a job, and why; null when none did. */
  readonly lastSkipped: { readonly slot: string; readonly reason: string } | null;
}

export interface ControlPlane extends AlertCalls, FleetCalls, RolloutCalls {
  /** Registers the site or changes its settings; `created` tells which. Throws `NotFound` for another tenant's id. */
  putSite(caller: Caller, systemId: string, settings: SiteSettings): Promise<{ readonly created: boolean }>;
  /** Throws `NotFound` for an unknown, decommissioned or another tenant's site, alike. */
  getSite(caller: Caller, systemId: string): Promise<SiteView>;
  /** Weekly slots pass without a job, each with a record of it, until {@link resumeRetrains}. */
  pauseRetrains(caller: Caller, systemId: string, reason: string): Promise<void>;
  resumeRetrains(caller: Caller, systemId: string): Promise<void>;
  decommissionSite(caller: Caller, systemId: string, reason: string): Promise<void>;
  /** Adds a device and makes it the site's active one; the one before is revoked. */
  addDevice(caller: Caller, systemId: string): Promise<NewDevice>;
  revokeDevice(caller: Caller, deviceId: string, reason: string): Promise<void>;
  /** Throws `NotFound`, `JobRunning` or `Invalid`. */
  requestRetrain(caller: Caller, request: RetrainRequest): Promise<RetrainAnswer>;
  /**
   * Offers a version again to the site's device, whether it ran before or was kept. Its file is read and held against
   * its checksum first. Throws `NotFound`, `Invalid` or `RestoreRefused`.
   */
  restoreModel(caller: Caller, request: RestoreRequest): Promise<RestoreAnswer>;
  /**
   * As {@link restoreModel}, for a file that is carried to the device; what is on offer already stays as it is. Waits
   * for the signer. Throws what that throws, or `TargetNotSigned`.
   */
  carryModel(caller: Caller, request: RestoreRequest): Promise<CarriedOffer>;
  /**
   * The site as it stood at an instant of the site clock (now when null), decommissioned ones too. Throws
   * `NotFound` or `Invalid`.
   */
  siteAt(caller: Caller, systemId: string, time: Date | null): Promise<SiteAt & { readonly time: string }>;
  /** Folds the job's own stream, so it is current at once; null when there is no such job. */
  readJob(jobId: string): Promise<JobView | null>;
  /** Throws `NotFound` or `IllegalCommand` when the job is past cancelling. */
  cancelJob(caller: Caller, jobId: string, reason: string): Promise<void>;
  /** Throws `NotFound`, `Invalid` or `VersionUnusable`. */
  evaluate(caller: Caller, request: EvaluationRequest, signal: AbortSignal): Promise<EvaluationAnswer>;
  /** As {@link evaluate}, worked on by any node; answers the evaluation's id. Throws `NotFound` or `VersionUnusable`. */
  requestEvaluation(caller: Caller, request: EvaluationRequest): Promise<string>;
  /** Throws `NotFound`. */
  readEvaluation(caller: Caller, evaluationId: string): Promise<EvaluationView>;
  /** Throws `NotFound`, or `IllegalCommand` when it has ended. */
  cancelEvaluation(caller: Caller, evaluationId: string, reason: string): Promise<void>;
}
