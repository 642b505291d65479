import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { LoadModel } from '../forecasting/inference.ts';
import { HOUR_MS } from '../forecasting/series.ts';
import type { TrustedKeys } from '../ota/signature.ts';
import type { Clock, Clocks } from '../ports/clocks.ts';
import type { CloudLink } from '../ports/cloud-link.ts';
import type { DeviceStore } from '../ports/device-store.ts';
import type { ModelProver } from '../ports/model-prover.ts';
import type { Reading } from '../ports/telemetry.ts';
import type { Fetch } from './credential.ts';
import { MONTHLY_BYTES } from './data-use.ts';
import { type Files, nodeFiles } from './files.ts';
import { createSteadyClock } from './steady-clock.ts';
import type { TrustSettings } from './trust/trust.ts';

/**
 * Gives readings to the device as they are measured, until the returned function is called. Bytes are a message of a
 * local program as it came: the device reads it with suspicion. False says that nothing could be stored just now.
 */
export type ReadingSource = (
  record: (readings: readonly Reading[] | Uint8Array) => boolean,
) => () => void | Promise<void>;

interface DeviceTimings {
  /** How often clocks are looked at: hours, deadlines, retries, what waits to be sent. */
  readonly tickMs: number;
  /** How long into the hour the reading of the hour before is waited for. */
  readonly graceMs: number;
  /** Watch of a new model, on the site clock. */
  readonly watchMs: number;
  /** A server that sends nothing for so long has hung up. */
  readonly downloadIdleMs: number;
  readonly historyTimeoutMs: number;
  readonly refillMs: number;
  readonly refillRetryMs: number;
  /** How long facts of the journal wait for others to travel with. */
  readonly gatherMs: number;
}

const DEFAULT_TIMINGS: DeviceTimings = {
  tickMs: 1_000,
  graceMs: 5 * 60_000,
  watchMs: 24 * HOUR_MS,
  downloadIdleMs: 60_000,
  historyTimeoutMs: 60_000,
  refillMs: 24 * HOUR_MS,
  refillRetryMs: 30_000,
  gatherMs: 60_000,
};

interface DeviceNeeds {
  readonly systemId: string;
  readonly deviceId: string;
  /** Also the password of the link and of every HTTP request. */
  readonly secret: string;
  /** Where the cloud's HTTP interface is, without `/api/v1`. */
  readonly cloudUrl: string;
  /** Origins that models may be fetched from, for example `https://models.example.com`. */
  readonly modelOrigins: readonly string[];
  /** The cloud's public keys. */
  readonly keys: TrustedKeys;
  /** Null for a device that was set up without a root: the assignment's signature alone vouches for a model. */
  readonly trust: TrustSettings | null;
  /** The `models` folder of the data folder. */
  readonly modelsFolder: string;
  /** IANA zone of the site, until the cloud has said more. */
  readonly zone: string;
  readonly store: DeviceStore;
  /** Not started yet. The device starts and closes it, and closes the store. */
  readonly link: CloudLink;
  readonly loadModel: LoadModel;
  /** Tries new models apart from this process; the device closes it. */
  readonly prover: ModelProver;
  readonly clocks: Clocks;
  readonly logger: Logger;
}

/** What a device uses where nothing else is said. */
interface Defaults {
  /** Largest model file that is taken, bytes. */
  readonly maxModelBytes: number;
  /** Most bytes a second that the download of a model takes of the link; null for all of it. */
  readonly bytesPerSecond: number | null;
  /** Bound of a month's data for everything, bytes. */
  readonly monthlyBytes: number;
  readonly timings: DeviceTimings;
  readonly fetch: Fetch;
  readonly files: Files;
  readonly newId: () => string;
  readonly random: () => number;
  /** For durations: it never steps, and tells no time of day. */
  readonly steady: Clock;
  /** Never steps back, and goes at the site clock's pace: the steady clock, unless a replay sets the site clock on. */
  readonly sitePace: Clock;
  /** Where the latest forecast is written for other programs; nowhere when null. */
  readonly forecastFile: string | null;
}

export interface DeviceOptions extends DeviceNeeds, Partial<Omit<Defaults, 'timings'>> {
  readonly readings?: ReadingSource | undefined;
  readonly timings?: Partial<DeviceTimings>;
}

export type ResolvedOptions = DeviceNeeds & Defaults;

export const MAX_MODEL_BYTES = 32 * 1024 * 1024;

const resolved = (steady: Clock, { timings, ...given }: Omit<DeviceOptions, 'steady'>): ResolvedOptions => ({
  maxModelBytes: MAX_MODEL_BYTES,
  bytesPerSecond: null,
  monthlyBytes: MONTHLY_BYTES,
  fetch: (address, init) => fetch(address, init),
  files: nodeFiles,
  newId: randomUUID,
  random: Math.random,
  ...{ steady, sitePace: steady },
  forecastFile: null,
  ...given,
  timings: { ...DEFAULT_TIMINGS, ...timings },
});

export const resolveOptions = ({ steady = createSteadyClock(), ...given }: DeviceOptions): ResolvedOptions =>
  resolved(steady, given);
