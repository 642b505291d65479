import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Registry } from 'prom-client';
import type { ControlPlane } from '../cloud/control-plane.ts';
import type { AddressedArtifactStore, ArtifactStore } from '../ports/artifact-store.ts';
import type { Clocks } from '../ports/clocks.ts';
import type { ConfigRenewals } from '../ports/config-renewals.ts';
import type { ConsoleAssets } from '../ports/console-assets.ts';
import type { DeviceCredentials } from '../ports/device-credentials.ts';
import type { EffectQueue } from '../ports/effect-queue.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { FleetSites } from '../ports/fleet-sites.ts';
import type { ReadModels } from '../ports/read-models.ts';
import type { ScoreStore } from '../ports/scores.ts';
import type { ForecastStore, TelemetryStore } from '../ports/telemetry.ts';
import type { TemperatureForecasts } from '../ports/temperature-forecasts.ts';
import type { Tracing } from '../ports/tracing.ts';
import type { TrustStore } from '../ports/trust-store.ts';
import type { Visualizer } from '../visualizer/visualizer.ts';
import type { TokenSettings } from './auth/token-verifier.ts';
import type { RateLimits } from './platform/rate-limits.ts';

/** One thing that must work before this node takes requests; `check` rejects when it does not. */
export interface ReadinessCheck {
  readonly name: string;
  readonly check: () => Promise<void>;
  /** A warning for people: this node takes requests all the same. */
  readonly advisory?: true;
}

/** What every device of this cloud is told once, beside who it is: the part of its settings file that they share. */
export interface DeviceHome {
  readonly cloudUrl: string;
  readonly mqttUrl: string;
  readonly topicPrefix: string;
  readonly trustedKeys: readonly { readonly kid: string; readonly publicKey: object }[];
  readonly clockOffsetMs: number;
}

export interface HttpDependencies {
  readonly control: ControlPlane;
  readonly log: EventLog;
  readonly effects: Pick<EffectQueue, 'dead' | 'redrive'>;
  readonly readModels: ReadModels;
  readonly telemetry: TelemetryStore;
  readonly forecasts: ForecastStore;
  readonly temperatureForecasts: TemperatureForecasts;
  readonly renewals: Pick<ConfigRenewals, 'hasten'>;
  readonly scores: ScoreStore;
  readonly fleetSites: FleetSites;
  readonly artifacts: ArtifactStore & Partial<AddressedArtifactStore>;
  readonly devices: DeviceCredentials;
  readonly deviceHome: DeviceHome;
  /** Signed metadata that devices verify models by. */
  readonly trust: Pick<TrustStore, 'latest' | 'read'>;
  readonly visualizer: Visualizer;
  readonly clocks: Clocks;
  readonly metrics: Registry;
  readonly readiness: readonly ReadinessCheck[];
  readonly logger: FastifyBaseLogger;
  /** Nothing is traced by default. */
  readonly tracing?: Tracing;
  /** The console's files, or null to serve none. */
  readonly console: ConsoleAssets | null;
}

export interface HttpOptions {
  readonly tokens: TokenSettings;
  /** Version of the program, shown in the API document. */
  readonly version: string;
  /** Whether /metrics answers without a token; otherwise it needs the scope `admin`. */
  readonly publicMetrics: boolean;
  /** Proxies whose forwarded headers are believed, as fastify takes them. */
  readonly trustProxy: boolean | string | string[];
  readonly rateLimits: RateLimits;
  /** How often an idle event stream shows that it lives. */
  readonly heartbeatMs: number;
}

/** The application as route files see it: request and answer types follow from the schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
