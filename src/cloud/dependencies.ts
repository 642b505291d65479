import type { Logger } from 'pino';
import type { StreamActors } from '../actors/stream-actor.ts';
import type { StageTiming } from '../events/training-job.ts';
import type { Signer } from '../ota/signature.ts';
import type { AlertNotifier } from '../ports/alert-notifier.ts';
import type { ArtifactStore } from '../ports/artifact-store.ts';
import type { Clocks } from '../ports/clocks.ts';
import type { ConfigRenewals } from '../ports/config-renewals.ts';
import type { DeviceCredentials } from '../ports/device-credentials.ts';
import type { DeviceLink } from '../ports/device-link.ts';
import type { EffectQueue } from '../ports/effect-queue.ts';
import type { Evaluator } from '../ports/evaluator.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { FittedModels } from '../ports/fitted-models.ts';
import type { OutlookSource } from '../ports/outlook.ts';
import type { ReadModels } from '../ports/read-models.ts';
import type { ScoreStore } from '../ports/scores.ts';
import type { ForecastStore, TelemetryStore } from '../ports/telemetry.ts';
import type { Tracing } from '../ports/tracing.ts';
import type { ModelFits, Trainer } from '../ports/trainer.ts';
import type { WatchList } from '../ports/watch-list.ts';
import type { TrustPublisher } from './trust/publisher.ts';

/** Fits of single models, for jobs of this node and of others. */
export interface Sharing {
  readonly fits: ModelFits;
  readonly fitted: FittedModels;
  /** Models of one job that this node fits at the same time. */
  readonly atOnce: number;
  /** Whether models of this node's jobs are offered to others: never, while another node is idle, or always. */
  readonly offers: 'never' | 'idle' | 'always';
}

/** Machine time between two looks at a rollout: while something is under way that ends by itself, and while nothing is. */
export interface RolloutPace {
  readonly soon: number;
  readonly later: number;
}

/** Everything that the cloud node works with; wired once in `main`. */
export interface CloudDependencies {
  readonly log: EventLog;
  readonly queue: EffectQueue;
  readonly readModels: ReadModels;
  readonly actors: StreamActors;
  readonly clocks: Clocks;
  readonly telemetry: TelemetryStore;
  readonly forecasts: ForecastStore;
  readonly scores: ScoreStore;
  readonly watchList: WatchList;
  /** What each device was told of its site, and when that is looked at again. */
  readonly renewals: ConfigRenewals;
  /** Absent where nobody is to be told of alerts. */
  readonly notifier?: AlertNotifier;
  /** Whether an alert starts a retrain on recent data by itself. */
  readonly retrainOnAlert: boolean;
  /** Temperature forecasts as they were supplied, and prices where they are integrated. */
  readonly outlook: OutlookSource;
  readonly artifacts: ArtifactStore;
  readonly credentials: DeviceCredentials;
  readonly link: DeviceLink;
  readonly trainer: Trainer;
  /** How the models of one job are fitted by several nodes; absent where one node does all. */
  readonly sharing?: Sharing;
  readonly evaluator: Evaluator;
  /** Signs what devices must be able to trust. */
  readonly signer: Signer;
  /** Has what devices are offered signed, so that they can verify it. */
  readonly trust: Pick<TrustPublisher, 'ensure'>;
  /** Ends the live connections of this device, on whichever node or server they are. */
  readonly disconnectDevice: (deviceId: string) => Promise<void>;
  readonly newId: () => string;
  readonly newSecret: () => string;
  /** Seeds of training runs: whole numbers below 2³¹. */
  readonly newSeed: () => number;
  /** The address below which devices find models, without a trailing slash. */
  readonly modelsUrl: string;
  /** Window after a weekly slot over which the sites' retrains begin, ms of the site clock. */
  readonly retrainWindowMs: number;
  /** How long a device may take to answer an offer, in milliseconds of the site clock. */
  readonly offerLifetimeMs: number;
  /** Seconds when left out. */
  readonly rolloutPace?: RolloutPace;
  /** Version of the input layout that this program trains. */
  readonly layoutVersion: number;
  /** Told what the stages of each training took, once it is judged. */
  readonly observeTraining?: (timings: readonly StageTiming[]) => void;
  readonly tracing: Tracing;
  readonly logger: Logger;
}

/** What trainings and evaluations take of all that: a worker has no more. */
export type TrainingDependencies = Pick<
  CloudDependencies,
  | 'log'
  | 'queue'
  | 'actors'
  | 'clocks'
  | 'artifacts'
  | 'trainer'
  | 'sharing'
  | 'evaluator'
  | 'telemetry'
  | 'outlook'
  | 'layoutVersion'
  | 'tracing'
  | 'logger'
>;

/** The component of the cloud that caused a fact, as an actor id. */
export const CLOUD_ACTOR = 'cloud';
