import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { JWK } from 'jose';
import type { Logger } from 'pino';
import { createStreamActors } from '../actors/stream-actor.ts';
import { createProcessTrainer } from '../adapters/child-process/trainer.ts';
import { bundleConsole } from '../adapters/esbuild/bundle-console.ts';
import { createFileArtifactStore } from '../adapters/filesystem/artifact-store.ts';
import { loadSigningKey, type SigningKey } from '../adapters/keys/signing-key.ts';
import { createModelLoader } from '../adapters/onnxruntime/model-loader.ts';
import type { Postgres } from '../adapters/postgres/open.ts';
import { startCloudNode } from '../cloud/cloud-node.ts';
import type { ControlPlane } from '../cloud/control-plane.ts';
import { createControlPlane } from '../cloud/create-control-plane.ts';
import type { CloudDependencies } from '../cloud/dependencies.ts';
import { LAYOUT_VERSION } from '../forecasting/features/layout.ts';
import { createTokenIssuer, LOCAL_ALGORITHM, type TokenIssuer } from '../http/auth/token-issuer.ts';
import { createHttpServer } from '../http/server.ts';
import { machines } from '../machines/catalogue.ts';
import { type Clocks, systemClocks } from '../ports/clocks.ts';
import { createVisualizer } from '../visualizer/visualizer.ts';
import { type Closing, createClosing } from './closing.ts';
import type { Config } from './config.ts';
import { type OpenedLink, openDeviceLink } from './device-link.ts';
import { createNodeMetrics, type NodeMetrics } from './node-metrics.ts';
import { openDatabase } from './storage.ts';

/** A running cloud node. */
export interface Cloud {
  /** Where the API answers, without a trailing slash. */
  readonly url: string;
  readonly mqttUrl: string;
  readonly postgres: Postgres;
  readonly control: ControlPlane;
  readonly tokens: TokenIssuer;
  /** What devices of this cloud must trust. */
  readonly deviceKey: { readonly kid: string; readonly publicKey: JWK };
  readonly clocks: Clocks;
  /** Resolves when a part that the node cannot live without has ended by itself. */
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}

const ISSUER = 'lifo4-ml';
const AUDIENCE = 'lifo4-ml-api';
const DEVICE_KEY_ID = 'embedded-1';
const HEARTBEAT_MS = 15_000;
const CONCURRENCY = { quick: 8, slow: 1 } as const;
const VERSION = '0.1.0';
const MAX_SEED = 2 ** 31;

interface Keys {
  readonly tokens: SigningKey;
  readonly devices: SigningKey;
}

async function loadKeys(dataDir: string): Promise<Keys> {
  return {
    tokens: await loadSigningKey(join(dataDir, 'keys', 'tokens')),
    devices: await loadSigningKey(join(dataDir, 'keys', 'devices')),
  };
}

interface Parts {
  readonly config: Config;
  readonly logger: Logger;
  readonly closing: Closing;
  readonly postgres: Postgres;
  readonly link: OpenedLink;
  readonly keys: Keys;
  readonly clocks: Clocks;
  readonly publicUrl: string;
}

async function cloudDependencies({
  config,
  logger,
  closing,
  postgres,
  link,
  keys,
  clocks,
  publicUrl,
}: Parts): Promise<CloudDependencies> {
  const { log, effects, telemetry, forecasts, credentials } = postgres;
  const trainer = createProcessTrainer({
    entry: new URL('./training-process.ts', import.meta.url),
    logger: logger.child({ part: 'trainer' }),
  });
  closing.add('trainer', () => trainer.close());
  const newId = randomUUID;
  return {
    ...{ log, telemetry, forecasts, credentials, clocks, trainer, newId },
    queue: effects,
    actors: createStreamActors({ log, clocks, newId }),
    artifacts: await createFileArtifactStore({
      folder: join(config.dataDir, 'artifacts'),
      signingKey: randomBytes(32),
      baseUrl: `${publicUrl}/api/v1/artifacts`,
      clock: clocks.machine,
    }),
    link: link.link,
    loadModel: createModelLoader(),
    signer: { kid: DEVICE_KEY_ID, key: keys.devices.privateKey },
    disconnectDevice: link.disconnectDevice,
    newSecret: () => randomBytes(24).toString('base64url'),
    newSeed: () => randomInt(MAX_SEED),
    modelsUrl: `${publicUrl}/models`,
    offerLifetimeMs: config.offerLifetimeMs,
    layoutVersion: LAYOUT_VERSION,
    logger,
  };
}

async function createServer(
  parts: Parts,
  cloud: CloudDependencies,
  control: ControlPlane,
  metrics: NodeMetrics,
): Promise<FastifyInstance> {
  const { log, effects, readModels, telemetry, forecasts, credentials, pool } = parts.postgres;
  return createHttpServer(
    {
      ...{ control, log, effects, readModels, telemetry, forecasts, clocks: parts.clocks },
      artifacts: cloud.artifacts,
      devices: credentials,
      visualizer: await createVisualizer(machines),
      metrics: metrics.registry,
      readiness: [
        { name: 'database', check: async () => void (await pool.query('select 1')) },
        {
          name: 'device-link',
          check: async () => refuseUnless(parts.link.link.connected(), 'the MQTT broker is not reached'),
        },
      ],
      logger: parts.logger.child({ part: 'http' }),
      console: await bundleConsole(new URL('../../web', import.meta.url).pathname),
    },
    {
      tokens: {
        issuer: ISSUER,
        audience: AUDIENCE,
        algorithm: LOCAL_ALGORITHM,
        keys: { kind: 'local', publicKey: parts.keys.tokens.publicKey },
      },
      version: VERSION,
      publicMetrics: true,
      trustProxy: false,
      heartbeatMs: HEARTBEAT_MS,
    },
  );
}

function refuseUnless(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}

async function startParts(
  config: Config,
  logger: Logger,
  closing: Closing,
  onFailure: (error: Error) => void,
): Promise<Cloud> {
  const clocks = systemClocks(config.clockOffsetMs);
  const postgres = await openDatabase(config, logger, closing, onFailure);
  const link = await openDeviceLink(config, postgres.credentials, logger, closing);
  const keys = await loadKeys(config.dataDir);
  const publicUrl = config.publicUrl ?? `http://${config.host}:${config.port}`;
  const parts: Parts = { config, logger, closing, postgres, link, keys, clocks, publicUrl };
  const cloud = await cloudDependencies(parts);
  const metrics = createNodeMetrics({ effects: postgres.effects, feed: () => postgres.feedHealth() });
  const control = createControlPlane(cloud);
  const server = await createServer(parts, cloud, control, metrics);
  closing.add('HTTP', () => server.close());
  await server.listen({ host: config.host, port: config.port });
  const node = await startCloudNode({
    cloud,
    uplinkObserver: metrics.uplink,
    runner: {
      concurrency: CONCURRENCY,
      worker: `cloud-${process.pid}`,
      observe: metrics.effect,
      random: Math.random,
    },
    logger: logger.child({ part: 'cloud' }),
  });
  closing.add('cloud node', () => node.close());
  return {
    url: publicUrl,
    mqttUrl: link.mqttUrl,
    postgres,
    control,
    tokens: createTokenIssuer({
      privateKey: keys.tokens.privateKey,
      issuer: ISSUER,
      audience: AUDIENCE,
      clock: clocks.machine,
    }),
    deviceKey: { kid: DEVICE_KEY_ID, publicKey: keys.devices.publicKey },
    clocks,
    failed: new Promise(() => undefined),
    close: () => closing.closeAll(),
  };
}

/** Starts storage, broker, actors and API; closes what was opened when a part cannot start. */
export async function startCloud(config: Config, logger: Logger): Promise<Cloud> {
  const closing = createClosing(logger);
  const { promise: failed, resolve: onFailure } = Promise.withResolvers<Error>();
  try {
    return { ...(await startParts(config, logger, closing, onFailure)), failed };
  } catch (error) {
    await closing.closeAll();
    throw error;
  }
}
