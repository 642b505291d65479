import { fileURLToPath } from 'node:url';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { bundleConsole } from '../../src/adapters/esbuild/bundle-console.ts';
import type { RecordedFact } from '../../src/events/envelope.ts';
import { presentSteps } from '../../src/http/present/steps.ts';
import { machineByName, machines } from '../../src/machines/catalogue.ts';
import { deployment } from '../../src/machines/deployment.ts';
import { trainingJob } from '../../src/machines/training-job.ts';
import type { ConsoleAssets, ConsoleFile } from '../../src/ports/console-assets.ts';
import { createVisualizer, type Visualizer } from '../../src/visualizer/visualizer.ts';
import { deploymentAnswer, forecastAnswer, jobAnswer, jobsAnswer, siteAnswer } from './answers.ts';
import {
  DEPLOYMENT_ID,
  deploymentStory,
  HOSTILE_TEXT,
  JOB_ID,
  jobStory,
  SYSTEM_ID,
  stateAfter,
} from './story.ts';
import type { ConsoleUnderTest } from './subject.ts';

const TOKEN = 'a-token';
const eventRow = ({ version, fact, metadata }: RecordedFact) => ({
  version,
  ...fact,
  at: metadata.at,
  actor: metadata.actor,
});

function problem(reply: FastifyReply, status: number, title: string) {
  const body = { type: 'about:blank', status, title, detail: 'Said by the server.' };
  return reply.code(status).type('application/problem+json').send(body);
}

/** The log of the story: what has happened so far, and who listens. */
function createLog() {
  let told = 2;
  const listeners = new Set<(facts: readonly RecordedFact[]) => void>();
  const facts = () => jobStory.slice(0, told);
  return {
    facts,
    listeners,
    tellNext(): string {
      const before = told;
      told = Math.min(told + 1, jobStory.length);
      for (const hear of listeners) hear(jobStory.slice(before, told));
      return stateAfter(trainingJob, facts());
    },
  };
}
type Log = ReturnType<typeof createLog>;

function streamTo(reply: FastifyReply, log: Log, after: number): void {
  reply.hijack();
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const send = (facts: readonly RecordedFact[]) => {
    for (const recorded of facts) {
      const { version, streamId, fact } = recorded;
      const data = JSON.stringify({ seq: version, streamId, ...eventRow(recorded) });
      reply.raw.write(`id: ${version}\nevent: ${fact.type}\ndata: ${data}\n\n`);
    }
  };
  reply.raw.write(': hello\n\n');
  send(log.facts().slice(after));
  log.listeners.add(send);
  reply.raw.on('close', () => log.listeners.delete(send));
}

/** What takes a while to make and never changes. */
export interface Prepared {
  readonly assets: ConsoleAssets;
  readonly visualizer: Visualizer;
}

export const prepare = async (): Promise<Prepared> => ({
  assets: await bundleConsole(fileURLToPath(new URL('../../web', import.meta.url))),
  visualizer: await createVisualizer(machines),
});

interface Setting extends Prepared {
  readonly log: Log;
  readonly tokensGood: () => boolean;
}

async function api(app: FastifyInstance, { log, tokensGood, visualizer }: Setting): Promise<void> {
  const storyOf = (streamId: string) =>
    streamId.startsWith('training-job-') ? log.facts() : deploymentStory;
  app.addHook('onRequest', async (request, reply) => {
    const good = tokensGood() && request.headers.authorization === `Bearer ${TOKEN}`;
    if (!good) await problem(reply, 401, 'The token has expired');
  });
  app.get('/ml/training-jobs', () => jobsAnswer(log.facts()));
  app.get(`/ml/training-jobs/${JOB_ID}`, () => jobAnswer(log.facts()));
  app.get(`/ml/training-jobs/${JOB_ID}/events`, () => ({
    items: log.facts().map(eventRow),
    nextCursor: null,
  }));
  app.get(`/ml/deployments/${DEPLOYMENT_ID}`, deploymentAnswer);
  app.get(`/ml/deployments/${DEPLOYMENT_ID}/events`, () => ({
    items: deploymentStory.map(eventRow),
    nextCursor: null,
  }));
  app.get('/systems', () => ({ items: [siteAnswer], nextCursor: null }));
  app.get(`/ml/systems/${SYSTEM_ID}/forecast`, forecastAnswer);
  app.get('/stream', (request, reply) => streamTo(reply, log, Number(request.headers['last-event-id'] ?? 0)));
  app.get<{ Params: { name: string } }>('/machines/:name/drawing', ({ params }, reply) =>
    reply.type('image/svg+xml').send(visualizer.draw(machineByName(params.name) ?? trainingJob)),
  );
  app.get<{ Params: { stream: string }; Querystring: { after: string } }>(
    '/streams/:stream/steps',
    ({ params: { stream }, query }) => {
      const machine = stream.startsWith('training-job-') ? trainingJob : deployment;
      const { definition, name, version } = machine;
      const steps = presentSteps(machine, storyOf(stream), Number(query.after), 1000);
      return { streamId: stream, machine: { name, version }, definition, ...steps };
    },
  );
  app.setNotFoundHandler((_, reply) => problem(reply, 404, 'There is no such thing'));
}

const sendFile = (reply: FastifyReply, file: ConsoleFile) =>
  reply.type(file.contentType).header('cache-control', file.cacheControl).send(file.body);

async function buildApp(setting: Setting): Promise<FastifyInstance> {
  const { assets } = setting;
  const app = fastify({ forceCloseConnections: true });
  const index = (_: FastifyRequest, reply: FastifyReply) =>
    sendFile(reply.header('content-security-policy', assets.contentSecurityPolicy), assets.index);
  for (const [path, file] of assets.files) app.get(path, (_, reply) => sendFile(reply, file));
  app.get('/ui', index);
  app.get('/ui/*', index);
  await app.register((scope) => api(scope, setting), { prefix: '/api/v1' });
  return app;
}

/** Canned answers to the API's contract, with a log that the test drives; loopback only. */
export async function startFixture(prepared: Prepared): Promise<ConsoleUnderTest> {
  const log = createLog();
  let good = true;
  const setting = { ...prepared, log, tokensGood: () => good };
  let app = await buildApp(setting);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    token: TOKEN,
    systemId: SYSTEM_ID,
    jobId: JOB_ID,
    deploymentId: DEPLOYMENT_ID,
    hostileText: HOSTILE_TEXT,
    advance: async () => log.tellNext(),
    expireTokens: () => {
      good = false;
    },
    stop: () => app.close(),
    startAgain: async () => {
      app = await buildApp(setting);
      await app.listen({ host: '127.0.0.1', port: Number(new URL(url).port) });
    },
  };
}
