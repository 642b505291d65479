import { randomUUID } from 'node:crypto';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { NO_TRACING } from '../ports/tracing.ts';
import { createAuthenticator, installAuthentication } from './auth/authenticate.ts';
import { createTokenVerifier } from './auth/token-verifier.ts';
import type { App, HttpDependencies, HttpOptions } from './dependencies.ts';
import { installApiDocument } from './openapi.ts';
import { installBodyParsers } from './platform/bodies.ts';
import { installClosing } from './platform/closing.ts';
import { consoleRoutes } from './platform/console.ts';
import { installEtags } from './platform/etags.ts';
import { healthRoutes } from './platform/health.ts';
import { installRequestMetrics, metricsRoute } from './platform/metrics.ts';
import { installRateLimits } from './platform/rate-limits.ts';
import { installSecurityHeaders, protect } from './platform/security-headers.ts';
import { installTracing } from './platform/tracing.ts';
import { open } from './principal.ts';
import { answerError, installErrorHandler } from './problem/error-handler.ts';
import { alertRoutes } from './routes/alerts.ts';
import { atRoute } from './routes/at.ts';
import { deploymentRoutes } from './routes/deployments.ts';
import { deviceJournalRoutes } from './routes/device-journals.ts';
import { deviceRoutes } from './routes/devices.ts';
import { effectRoutes } from './routes/effects.ts';
import { evaluateRoute } from './routes/evaluate.ts';
import { eventRoutes } from './routes/events.ts';
import { fileRoutes } from './routes/files.ts';
import { fleetRoutes } from './routes/fleet.ts';
import { fleetSiteRoutes } from './routes/fleet-sites.ts';
import { installFileRoute } from './routes/install-file.ts';
import { jobRoutes } from './routes/jobs.ts';
import { machineRoutes } from './routes/machines.ts';
import { modelRoutes } from './routes/models.ts';
import { publishedRoutes } from './routes/published.ts';
import { restoreRoute } from './routes/restore.ts';
import { retrainRoute } from './routes/retrain.ts';
import { rolloutRoutes } from './routes/rollouts.ts';
import { signedFileRoutes } from './routes/signed-files.ts';
import { siteScoreRoutes } from './routes/site-scores.ts';
import { siteRoutes } from './routes/sites.ts';
import { streamMachineRoutes } from './routes/streams.ts';
import { telemetryRoutes } from './routes/telemetry.ts';
import { trustRoutes } from './routes/trust.ts';
import { streamRoute } from './stream/stream-route.ts';
import { compileValidator } from './validation.ts';

const BODY_LIMIT = 1024 * 1024;
/** A whole request must have come in by then; a poor link needs a while for a year of readings. */
const REQUEST_TIMEOUT_MS = 120_000;

function createApp({ logger }: HttpDependencies, { trustProxy }: HttpOptions): FastifyInstance {
  const app: FastifyInstance = fastify({
    loggerInstance: logger satisfies FastifyBaseLogger,
    // Figures tell of every request; the log tells of those that failed.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    genReqId: () => randomUUID(),
    // A logger for every request costs more than most requests do; what is logged names its request.
    childLoggerFactory: (parent) => parent,
    // Addresses that cannot be routed at all come here, past every hook.
    frameworkErrors: (error, request, reply) => {
      protect(request, reply);
      void answerError(error, request, reply);
    },
    routerOptions: { maxParamLength: 300 },
  });
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(() => JSON.stringify);
  return app;
}

const apiRoutes =
  (dependencies: HttpDependencies, options: HttpOptions) =>
  async (app: App): Promise<void> => {
    await app.register(retrainRoute(dependencies));
    await app.register(jobRoutes(dependencies));
    await app.register(evaluateRoute(dependencies));
    await app.register(modelRoutes(dependencies));
    await app.register(restoreRoute(dependencies));
    await app.register(installFileRoute(dependencies));
    await app.register(atRoute(dependencies));
    await app.register(deploymentRoutes(dependencies));
    await app.register(alertRoutes(dependencies));
    await app.register(fleetRoutes(dependencies));
    await app.register(rolloutRoutes(dependencies));
    await app.register(fleetSiteRoutes(dependencies));
    await app.register(siteScoreRoutes(dependencies));
    await app.register(siteRoutes(dependencies));
    await app.register(deviceRoutes(dependencies));
    await app.register(deviceJournalRoutes(dependencies));
    await app.register(telemetryRoutes(dependencies));
    await app.register(signedFileRoutes(dependencies));
    await app.register(effectRoutes(dependencies));
    await app.register(machineRoutes(dependencies));
    await app.register(streamMachineRoutes(dependencies));
    await app.register(eventRoutes(dependencies));
    await app.register(streamRoute(dependencies, options));
  };

const allRoutes =
  (dependencies: HttpDependencies, options: HttpOptions) =>
  async (app: App): Promise<void> => {
    const { tokens, publicMetrics } = options;
    const { clocks, devices, metrics, readiness, console } = dependencies;
    const verifier = createTokenVerifier(tokens, clocks.machine);
    installAuthentication(app, createAuthenticator(verifier, devices));
    await installRateLimits(app, options.rateLimits);
    await app.register(apiRoutes(dependencies, options), { prefix: '/api/v1' });
    await app.register(fileRoutes(dependencies));
    await app.register(trustRoutes(dependencies));
    await app.register(publishedRoutes(dependencies, options));
    await app.register(healthRoutes(readiness));
    await app.register(metricsRoute(metrics, publicMetrics));
    if (console !== null) await app.register(consoleRoutes(console));
    const home = console === null ? '/docs' : '/ui';
    app.get('/', { config: { access: open }, schema: { hide: true } }, async (_request, reply) =>
      reply.redirect(home, 302),
    );
  };

/** The whole HTTP side of a cloud node: ready to listen, or to be closed. */
export async function createHttpServer(
  dependencies: HttpDependencies,
  options: HttpOptions,
): Promise<FastifyInstance> {
  const app = createApp(dependencies, options);
  installTracing(app, dependencies.tracing ?? NO_TRACING);
  installClosing(app);
  installErrorHandler(app);
  installSecurityHeaders(app);
  installRequestMetrics(app, dependencies.metrics);
  installEtags(app);
  installBodyParsers(app);
  await installApiDocument(app, options.version);
  await app.register(allRoutes(dependencies, options));
  await app.ready();
  return app;
}
