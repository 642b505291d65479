import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import pino from 'pino';
import { Registry } from 'prom-client';
import { createStreamActors } from '../../src/actors/stream-actor.ts';
import { openPostgres, type Postgres } from '../../src/adapters/postgres/open.ts';
import { createAlertControl } from '../../src/cloud/control/alert-control.ts';
import { createCarryControl } from '../../src/cloud/control/carry-control.ts';
import { createEvaluationControl } from '../../src/cloud/control/evaluation-control.ts';
import { createFleetControl } from '../../src/cloud/control/fleet-control.ts';
import { createInstantControl } from '../../src/cloud/control/instant-control.ts';
import { createJobControl } from '../../src/cloud/control/job-control.ts';
import { createRestoreControl } from '../../src/cloud/control/restore-control.ts';
import { createRolloutControl } from '../../src/cloud/control/rollout-control.ts';
import { createSiteControl } from '../../src/cloud/control/site-control.ts';
import type { ControlPlane } from '../../src/cloud/control-plane.ts';
import type { CloudDependencies } from '../../src/cloud/dependencies.ts';
import { createTokenIssuer, type TokenRequest } from '../../src/http/auth/token-issuer.ts';
import type { HttpDependencies } from '../../src/http/dependencies.ts';
import type { RateLimits } from '../../src/http/platform/rate-limits.ts';
import { SCOPES } from '../../src/http/principal.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { machines } from '../../src/machines/catalogue.ts';
import type { ArtifactStore } from '../../src/ports/artifact-store.ts';
import { systemClocks } from '../../src/ports/clocks.ts';
import { alertsProjection } from '../../src/projections/alerts.ts';
import { deploymentsProjection } from '../../src/projections/deployments.ts';
import { evaluationsProjection } from '../../src/projections/evaluations.ts';
import { jobsProjection } from '../../src/projections/jobs.ts';
import { modelsProjection } from '../../src/projections/models.ts';
import { rolloutsProjection } from '../../src/projections/rollouts.ts';
import { sitesProjection } from '../../src/projections/sites.ts';
import { createVisualizer } from '../../src/visualizer/visualizer.ts';
import { type MemoryArtifacts, memoryArtifacts } from '../services/memory-artifacts.ts';
import { createTestDatabase } from '../services/postgres.ts';
import { type ApiDocument, undocumented } from './documented.ts';
import { sampleAnswer } from './sample-answer.ts';

/** The HTTP server over a real database, listening on loopback; work that it starts is not done by anybody. */

const ISSUER = 'https://issuer.test';
const AUDIENCE = 'lifo4-ml';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly body: unknown;
}

export interface Call {
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
}

export interface ServerUnderTest {
  readonly url: string;
  readonly app: FastifyInstance;
  readonly postgres: Postgres;
  readonly control: ControlPlane;
  readonly artifacts: MemoryArtifacts;
  readonly metrics: Registry;
  /** What tokens of this server are signed with and for. */
  readonly signing: { readonly privateKey: JWK; readonly issuer: string; readonly audience: string };
  /** A token of tenant `acme` with every scope, unless it is asked for otherwise. */
  token(wishes?: Partial<TokenRequest>): Promise<string>;
  /** Makes a request and checks that its answer is documented. */
  call(method: string, path: string, call?: Call): Promise<Answer>;
  close(): Promise<void>;
}

function createControl(
  { log, effects, credentials, readModels }: Postgres,
  artifacts: ArtifactStore,
  signs: Partial<CloudDependencies>,
): ControlPlane {
  const cloud = {
    log,
    credentials,
    queue: effects,
    readModels,
    artifacts,
    clocks: systemClocks(),
    offerLifetimeMs: 3_600_000,
    actors: createStreamActors({ log, clocks: systemClocks(), newId: randomUUID }),
    newId: randomUUID,
    newSecret: () => randomUUID().repeat(2),
    newSeed: () => 7,
    ...signs,
  } as unknown as CloudDependencies;
  return {
    ...createSiteControl(cloud),
    ...createJobControl(cloud),
    ...createRestoreControl(cloud),
    ...createCarryControl(cloud),
    ...createAlertControl(cloud),
    ...createFleetControl(cloud),
    ...createInstantControl(cloud),
    ...createEvaluationControl(cloud),
    ...createRolloutControl(cloud),
    evaluate: async () => sampleAnswer,
  };
}

interface Setup {
  readonly overrides?: Partial<HttpDependencies>;
  readonly heartbeatMs?: number;
  /** None unless the test is about them. */
  readonly rateLimits?: RateLimits;
  /** What signs for devices; nothing does when left out. */
  readonly signs?: (postgres: Postgres) => Partial<CloudDependencies>;
}

async function startApp(
  dependencies: HttpDependencies,
  publicKey: object,
  heartbeatMs: number,
  rateLimits: RateLimits,
) {
  const app = await createHttpServer(dependencies, {
    tokens: { issuer: ISSUER, audience: AUDIENCE, algorithm: 'ES256', keys: { kind: 'local', publicKey } },
    version: '0.0.0-test',
    publicMetrics: false,
    trustProxy: false,
    rateLimits,
    heartbeatMs,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return { app, url: `http://127.0.0.1:${port}` };
}

const headersOf = ({ token, headers, json }: Call): Record<string, string> => ({
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  ...(json === undefined ? {} : { 'content-type': 'application/json' }),
  ...headers,
});

function createCaller(url: string) {
  let document: Promise<ApiDocument> | null = null;
  const load = async () => (await fetch(`${url}/docs/json`)).json() as Promise<ApiDocument>;
  const parsed = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  };
  return async (method: string, path: string, call: Call = {}): Promise<Answer> => {
    const { raw = null, json } = call;
    const body = json === undefined ? raw : JSON.stringify(json);
    const response = await fetch(`${url}${path}`, {
      method,
      headers: headersOf(call),
      body,
      redirect: 'manual',
    });
    const text = await response.text();
    document ??= load();
    const wrong = undocumented(await document, method, path.split('?', 1)[0] ?? '', response, text);
    if (wrong !== null) throw new Error(`${method} ${path.slice(0, 80)}: ${wrong}: ${text.slice(0, 500)}`);
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  };
}

export async function startServer({
  overrides = {},
  heartbeatMs = 60_000,
  rateLimits = { perMinute: 0, devicePerMinute: 0 },
  signs = () => ({}),
}: Setup = {}): Promise<ServerUnderTest> {
  const database = await createTestDatabase();
  const logger = pino({ level: 'silent' });
  const postgres = await openPostgres({
    connectionString: database.connectionString,
    logger,
    projections: [
      ...[jobsProjection, deploymentsProjection, modelsProjection, sitesProjection, alertsProjection],
      rolloutsProjection,
      evaluationsProjection,
    ],
  });
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const clocks = systemClocks();
  const artifacts = memoryArtifacts();
  const control = createControl(postgres, artifacts, signs(postgres));
  const metrics = new Registry();
  const { log, readModels, telemetry, forecasts, scores, fleetSites, credentials, trust } = postgres;
  const dependencies: HttpDependencies = {
    ...{
      control,
      log,
      readModels,
      telemetry,
      forecasts,
      scores,
      fleetSites,
      artifacts,
      clocks,
      metrics,
      logger,
      trust,
    },
    ...{ temperatureForecasts: postgres.temperatureForecasts, renewals: postgres.renewals },
    devices: credentials,
    deviceHome: {
      ...{ cloudUrl: 'http://127.0.0.1:8420', mqttUrl: 'mqtt://127.0.0.1:1883', topicPrefix: 'lifo4' },
      ...{ trustedKeys: [{ kid: 'test', publicKey: { kty: 'EC' } }], clockOffsetMs: 0 },
    },
    visualizer: await createVisualizer(machines),
    readiness: [{ name: 'database', check: async () => void (await postgres.pool.query('select 1')) }],
    console: null,
    effects: postgres.effects,
    ...overrides,
  };
  const { app, url } = await startApp(dependencies, await exportJWK(publicKey), heartbeatMs, rateLimits);
  const signing = { privateKey: await exportJWK(privateKey), issuer: ISSUER, audience: AUDIENCE };
  const issuer = createTokenIssuer({ ...signing, clock: clocks.machine });
  return {
    ...{ url, app, postgres, control, artifacts, metrics, signing },
    token: (wishes = {}) =>
      issuer.issue({ subject: 'person-1', tenant: 'acme', scopes: SCOPES, ttlSeconds: 600, ...wishes }),
    call: createCaller(url),
    close: async () => {
      await app.close();
      await postgres.close();
      await database.drop();
    },
  };
}

/** Calls again until the answer is as wanted; lists follow the log at a small distance. */
export async function eventually(
  call: () => Promise<Answer>,
  wanted: (answer: Answer) => boolean,
): Promise<Answer> {
  for (;;) {
    const answer = await call();
    if (wanted(answer)) return answer;
  }
}

/** A site of tenant `acme`, registered through the API. */
export async function registerSite(
  server: ServerUnderTest,
  systemId: string,
  settings: object = {},
): Promise<void> {
  const answer = await server.call('PUT', `/api/v1/systems/${systemId}`, {
    token: await server.token(),
    json: settings,
  });
  if (answer.status !== 201) throw new Error(answer.text);
}
