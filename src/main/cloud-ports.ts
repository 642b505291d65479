import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { createStreamActors } from '../actors/stream-actor.ts';
import { traceAppends } from '../actors/traced-log.ts';
import { createProcessEvaluator } from '../adapters/child-process/evaluator.ts';
import { createProcessModelFits } from '../adapters/child-process/model-fits.ts';
import { createProcessReplayer } from '../adapters/child-process/replayer.ts';
import { createProcessTrainer } from '../adapters/child-process/trainer.ts';
import { loadSigningKey, type SigningKey } from '../adapters/keys/signing-key.ts';
import type { Postgres } from '../adapters/postgres/open.ts';
import { createWebhookNotifier } from '../adapters/webhook/notifier.ts';
import type { CloudDependencies, Sharing } from '../cloud/dependencies.ts';
import { createOutlook } from '../cloud/outlook.ts';
import { LAYOUT_VERSION } from '../forecasting/features/layout.ts';
import type { AlertNotifier } from '../ports/alert-notifier.ts';
import { type Clock, type Clocks, systemClocks } from '../ports/clocks.ts';
import type { DayReplayer } from '../ports/day-replayer.ts';
import type { Evaluator } from '../ports/evaluator.ts';
import type { FittedModels } from '../ports/fitted-models.ts';
import type { Tracing } from '../ports/tracing.ts';
import type { Trainer } from '../ports/trainer.ts';
import { DEVICE_KEY_ID, deviceKeyFolder, inKeysFolder, tokenKeyFolder } from './access.ts';
import { type OpenedArtifacts, openArtifacts, publicUrlOf } from './artifacts.ts';
import type { Closing } from './closing.ts';
import type { Config } from './config.ts';
import { type OpenedLink, openDeviceLink } from './device-link.ts';
import { openDatabase } from './storage.ts';
import { type OpenedTelemetry, openTelemetry } from './telemetry.ts';
import { openTrust } from './trust.ts';

/** Every adapter that a cloud node stands on, opened. */
export interface CloudPorts {
  readonly clocks: Clocks;
  readonly postgres: Postgres;
  readonly link: OpenedLink;
  /** Signs users' tokens while no identity provider is configured. */
  readonly tokenKey: SigningKey;
  /** Signs what devices act upon. */
  readonly deviceKey: SigningKey & { readonly kid: string };
  readonly artifacts: OpenedArtifacts;
  readonly telemetry: OpenedTelemetry;
  readonly publicUrl: string;
  readonly cloud: CloudDependencies;
}

export interface OpenPortsOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly closing: Closing;
  readonly onFailure: (error: Error) => void;
  readonly tracing: Tracing;
  /** Lets a caller stand between the node and its trainer. */
  readonly wrapTrainer?: ((trainer: Trainer) => Trainer) | undefined;
  /** A site clock that leaps, for a replay; else it is the machine's, moved by the offset of the settings. */
  readonly siteClock?: Clock | undefined;
}

const MAX_SEED = 2 ** 31;
const SECRET_BYTES = 24;

export function openTrainer({
  config,
  logger,
  closing,
  wrapTrainer,
}: Omit<OpenPortsOptions, 'onFailure' | 'tracing'>): Trainer {
  const trainer = createProcessTrainer({
    entry: new URL('./training-process.ts', import.meta.url),
    logger: logger.child({ part: 'trainer' }),
    models: { atOnce: config.modelsAtOnce },
    compileCache: join(config.dataDir, 'compiled'),
  });
  closing.add('trainer', () => trainer.close());
  return wrapTrainer === undefined ? trainer : wrapTrainer(trainer);
}

/** What it takes to fit single models of jobs, here or for others. */
export function openSharing(
  { config, logger, closing }: Omit<OpenPortsOptions, 'onFailure' | 'tracing' | 'wrapTrainer'>,
  fitted: FittedModels,
): Sharing {
  const fits = createProcessModelFits({
    entry: new URL('./fit-process.ts', import.meta.url),
    logger: logger.child({ part: 'fits' }),
    compileCache: join(config.dataDir, 'compiled'),
  });
  closing.add('model fits', () => fits.close());
  return { fits, fitted, atOnce: config.modelsAtOnce, offers: config.shareModels };
}

export function openEvaluator({ logger, closing }: Pick<OpenPortsOptions, 'logger' | 'closing'>): Evaluator {
  const evaluator = createProcessEvaluator({
    entry: new URL('./evaluation-process.ts', import.meta.url),
    logger: logger.child({ part: 'evaluator' }),
  });
  closing.add('evaluator', () => evaluator.close());
  return evaluator;
}

export function openReplayer({ logger, closing }: Pick<OpenPortsOptions, 'logger' | 'closing'>): DayReplayer {
  const replayer = createProcessReplayer({
    entry: new URL('./day-replay-process.ts', import.meta.url),
    logger: logger.child({ part: 'replayer' }),
  });
  closing.add('replayer', () => replayer.close());
  return replayer;
}

function openNotifier({ url, secret }: NonNullable<Config['alertWebhook']>, clock: Clock): AlertNotifier {
  return createWebhookNotifier({ url, secret: new TextEncoder().encode(secret), clock });
}

/** Opens database, broker, keys, files, trainer and evaluator, each to be closed by `closing`. */
export async function openPorts(options: OpenPortsOptions): Promise<CloudPorts> {
  const { config, logger, closing, onFailure, tracing } = options;
  const system = systemClocks(config.clockOffsetMs);
  const clocks = { ...system, site: options.siteClock ?? system.site };
  const publicUrl = publicUrlOf(config);
  if (config.natsUrl !== null && config.publicUrl === null) {
    logger.warn(
      { publicUrl },
      'LIFO4_PUBLIC_URL is not set: devices refuse models that a node of another address offers; set one address for all nodes',
    );
  }
  const { keysDir } = config;
  const tokenKey = await inKeysFolder(keysDir, () => loadSigningKey(tokenKeyFolder(keysDir)));
  const devices = await inKeysFolder(keysDir, () => loadSigningKey(deviceKeyFolder(keysDir)));
  const deviceKey = { ...devices, kid: DEVICE_KEY_ID };
  const artifacts = await openArtifacts(config, clocks.machine, logger, closing);
  const postgres = await openDatabase(config, logger, closing, onFailure);
  const { effects, credentials, readModels } = postgres;
  const log = traceAppends(postgres.log, tracing);
  const measured = await openTelemetry(config, postgres, clocks.machine, logger);
  const { telemetry, forecasts, prices } = measured;
  const { scores, watchList, renewals } = postgres;
  const { alertWebhook, retrainOnAlert } = config;
  const link = await openDeviceLink(config, credentials, logger, closing);
  const { trust: settings } = config;
  const trust = await openTrust({
    ...{ settings, store: postgres.trust, clock: clocks.machine, logger, closing },
  });
  const newId = randomUUID;
  const actors = createStreamActors({ log, clocks, newId });
  const { submarket } = config.prices;
  const cloud: CloudDependencies = {
    ...{
      log,
      readModels,
      telemetry,
      forecasts,
      scores,
      watchList,
      renewals,
      retrainOnAlert,
      credentials,
      clocks,
      newId,
      tracing,
      logger,
    },
    artifacts: artifacts.store,
    queue: effects,
    actors,
    outlook: createOutlook({
      actors,
      prices,
      submarket,
      temperatureForecasts: postgres.temperatureForecasts,
    }),
    ...(alertWebhook === null ? {} : { notifier: openNotifier(alertWebhook, clocks.machine) }),
    trainer: openTrainer(options),
    sharing: openSharing(options, postgres.fitted),
    link: link.link,
    evaluator: openEvaluator(options),
    signer: { kid: DEVICE_KEY_ID, key: deviceKey.privateKey },
    trust,
    disconnectDevice: link.disconnectDevice,
    newSecret: () => randomBytes(SECRET_BYTES).toString('base64url'),
    newSeed: () => randomInt(MAX_SEED),
    modelsUrl: `${publicUrl}/models`,
    offerLifetimeMs: config.offerLifetimeMs,
    retrainWindowMs: config.retrainWindowMs,
    layoutVersion: LAYOUT_VERSION,
  };
  return { clocks, postgres, link, tokenKey, deviceKey, artifacts, telemetry: measured, publicUrl, cloud };
}
