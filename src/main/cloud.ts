import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { JWK } from 'jose';
import type { Logger } from 'pino';
import { bundleConsole } from '../adapters/esbuild/bundle-console.ts';
import type { Postgres } from '../adapters/postgres/open.ts';
import { startCloudNode } from '../cloud/cloud-node.ts';
import type { ControlPlane } from '../cloud/control-plane.ts';
import { createControlPlane } from '../cloud/create-control-plane.ts';
import type { CloudDependencies } from '../cloud/dependencies.ts';
import { type RoleOutlook, trustOutlook } from '../cloud/trust/outlook.ts';
import { createTokenIssuer, LOCAL_ALGORITHM, type TokenIssuer } from '../http/auth/token-issuer.ts';
import { createHttpServer } from '../http/server.ts';
import { machines } from '../machines/catalogue.ts';
import type { Clock, Clocks } from '../ports/clocks.ts';
import type { Trainer } from '../ports/trainer.ts';
import { createVisualizer } from '../visualizer/visualizer.ts';
import { TOKEN_AUDIENCE, TOKEN_ISSUER } from './access.ts';
import { createClosing } from './closing.ts';
import { type CloudPorts, openPorts, openReplayer } from './cloud-ports.ts';
import type { Config } from './config.ts';
import { publishEvents } from './events.ts';
import { addFileMetrics } from './file-metrics.ts';
import { addFleetMetrics } from './fleet-metrics.ts';
import { unusablePlace } from './listening.ts';
import { createNodeMetrics, type NodeMetrics } from './node-metrics.ts';
import { addOperationsMetrics } from './operations-metrics.ts';
import { addTraceMetrics, openTracing } from './tracing.ts';

/** A running cloud node. */
export interface Cloud {
  /** Where the API answers, without a trailing slash. */
  readonly url: string;
  readonly mqttUrl: string;
  readonly postgres: Postgres;
  readonly control: ControlPlane;
  readonly cloud: CloudDependencies;
  readonly tokens: TokenIssuer;
  /** What devices of this cloud must trust. */
  readonly deviceKey: { readonly kid: string; readonly publicKey: JWK };
  readonly clocks: Clocks;
  /** Does now what is otherwise looked after now and then; see `CloudNode`. */
  readonly look: () => Promise<void>;
  /** Resolves when a part that the node cannot live without has ended by itself. */
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}

export interface StartCloudOptions {
  /** Lets a caller stand between the node and its trainer. */
  readonly wrapTrainer?: (trainer: Trainer) => Trainer;
  /** A site clock that leaps, for a replay; else it is the machine's, moved by the offset of the settings. */
  readonly siteClock?: Clock;
}

const HEARTBEAT_MS = 15_000;
/** Quick effects wait for the database most of the time, which reads and writes what many ask for together. */
const QUICK_EFFECTS = 64;
const VERSION = '0.1.0';
const WEB_FOLDER = fileURLToPath(new URL('../../web', import.meta.url));

function refuseUnless(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}

interface Watched {
  readonly metrics: NodeMetrics;
  readonly trust: () => Promise<readonly RoleOutlook[] | null>;
}

/** Rejects with what somebody should see to before devices refuse new models. */
async function refuseEnding(trust: Watched['trust']): Promise<void> {
  const roles = await trust();
  refuseUnless(roles !== null, 'no root is published: see docs/keys.md');
  const warnings = (roles ?? []).flatMap(({ warning }) => warning ?? []);
  refuseUnless(warnings.length === 0, warnings.join('; '));
}

async function createServer(
  ports: CloudPorts,
  { topicPrefix, clockOffsetMs, rateLimits }: Config,
  control: ControlPlane,
  { metrics, trust: outlook }: Watched,
  logger: Logger,
): Promise<FastifyInstance> {
  const { postgres, link, tokenKey, deviceKey, clocks, artifacts, telemetry: measured } = ports;
  const { log, effects, readModels, credentials, pool, scores, fleetSites, trust } = postgres;
  const { temperatureForecasts, renewals } = postgres;
  const { telemetry, forecasts } = measured;
  const { tracing } = ports.cloud;
  const [visualizer, console] = await Promise.all([createVisualizer(machines), bundleConsole(WEB_FOLDER)]);
  return createHttpServer(
    {
      ...{
        control,
        log,
        effects,
        readModels,
        telemetry,
        forecasts,
        scores,
        fleetSites,
        temperatureForecasts,
        renewals,
        clocks,
        artifacts: artifacts.store,
        visualizer,
        console,
        logger,
        tracing,
        trust,
      },
      devices: credentials,
      deviceHome: {
        ...{ cloudUrl: ports.publicUrl, mqttUrl: link.mqttUrl, topicPrefix, clockOffsetMs },
        trustedKeys: [{ kid: deviceKey.kid, publicKey: deviceKey.publicKey }],
      },
      metrics: metrics.registry,
      readiness: [
        { name: 'database', check: async () => void (await pool.query('select 1')) },
        {
          name: 'device-link',
          check: async () => refuseUnless(link.link.connected(), 'no connection to the MQTT broker'),
        },
        ...(artifacts.check === null ? [] : [{ name: 'object-store', check: artifacts.check }]),
        { name: 'trust', advisory: true, check: () => refuseEnding(outlook) },
        ...(measured.check === null ? [] : [{ name: 'telemetry', check: measured.check }]),
      ],
    },
    {
      tokens: {
        issuer: TOKEN_ISSUER,
        audience: TOKEN_AUDIENCE,
        algorithm: LOCAL_ALGORITHM,
        keys: { kind: 'local', publicKey: tokenKey.publicKey },
      },
      version: VERSION,
      publicMetrics: true,
      trustProxy: false,
      heartbeatMs: HEARTBEAT_MS,
      rateLimits,
    },
  );
}

/** Starts storage, broker, actors and API; closes what was opened when a part cannot start. */
export async function startCloud(
  config: Config,
  logger: Logger,
  options: StartCloudOptions = {},
): Promise<Cloud> {
  const closing = createClosing(logger);
  const { promise: failed, resolve: onFailure } = Promise.withResolvers<Error>();
  try {
    const worker = `cloud-${hostname()}-${process.pid}`;
    const { tracing, counts } = await openTracing(config, worker, logger, closing);
    const ports = await openPorts({ ...options, config, logger, closing, onFailure, tracing });
    const { postgres, clocks, tokenKey, deviceKey } = ports;
    const trust = () => trustOutlook(postgres.trust, clocks.machine, config.trust.lifetimes);
    const metrics = createNodeMetrics({
      effects: postgres.effects,
      feed: postgres.feedHealth,
      drops: ports.link.drops,
      trust,
    });
    const { registry } = metrics;
    addTraceMetrics(registry, counts);
    const observeTraining = addFleetMetrics(registry, { count: postgres.countFleet, clocks });
    const cloud = { ...ports.cloud, observeTraining };
    const control = createControlPlane(cloud);
    const server = await createServer(
      ports,
      config,
      control,
      { metrics, trust },
      logger.child({ part: 'http' }),
    );
    closing.add('HTTP', () => server.close());
    await server.listen({ host: config.host, port: config.port }).catch((error: unknown) => {
      throw unusablePlace(config, error);
    });
    const runner = {
      concurrency: { quick: QUICK_EFFECTS, slow: config.trainings },
      worker,
      ...{ observe: metrics.effect, observeWait: metrics.effectWait },
      random: Math.random,
    };
    const uplinkObserver = metrics.uplink;
    const { scoreTarget } = ports.telemetry;
    const operations = {
      forecastsKeptMs: config.forecastsKeptMs,
      // However short an hour of the site is, its device hears in each what is new.
      ...(options.siteClock === undefined ? {} : { configLookMs: 0 }),
      // Days that pass within a second are more than there is time to go over again.
      members:
        config.memberScores && options.siteClock === undefined
          ? { days: postgres.memberDays, replayer: openReplayer({ logger, closing }) }
          : null,
      copy: scoreTarget === null ? null : { copies: postgres.scoreCopies, target: scoreTarget },
      observer: addOperationsMetrics(metrics.registry, cloud),
    };
    const node = await startCloudNode({
      cloud,
      uplinkObserver,
      operations,
      files: { dataSetsKeptMs: config.dataSetsKeptMs, observer: addFileMetrics(metrics.registry) },
      runner,
      logger: logger.child({ part: 'cloud' }),
    });
    closing.add('cloud node', () => node.close());
    const { natsUrl, brokerTls: tls, node: name, topicPrefix: prefix } = config;
    if (natsUrl !== null) {
      const source = ports.publicUrl;
      await publishEvents({ natsUrl, tls, postgres, node: name, prefix, source }, logger, closing);
    }
    const { privateKey } = tokenKey;
    const tokens = createTokenIssuer({
      privateKey,
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
      clock: clocks.machine,
    });
    return {
      ...{ postgres, control, cloud, tokens, clocks, failed },
      look: node.look,
      url: ports.publicUrl,
      mqttUrl: ports.link.mqttUrl,
      deviceKey: { kid: deviceKey.kid, publicKey: deviceKey.publicKey },
      close: closing.closeAll,
    };
  } catch (error) {
    await closing.closeAll();
    throw error;
  }
}
