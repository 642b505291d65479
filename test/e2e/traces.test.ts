import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../src/main/logging.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../services/otlp.ts';
import { createQuickTrainer } from './quick-trainer.ts';
import { createWorld, type E2eWorld, type NewDevice } from './world.ts';

/** One retrain from the request to the device's answer, as the receiver of traces and the log tell of it. */

const SITE = 'bess-traced';
const PATIENCE = { timeout: 30_000, interval: 50 } as const;
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER_SPAN = '00f067aa0ba902b7';
const SECRET_KEY = 'a-key-of-the-receiver';

type Line = Readonly<Record<string, unknown>>;

let receiver: OtlpReceiver;
let world: E2eWorld;
let device: NewDevice;
let jobId: string;
const lines: Line[] = [];

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  const logger = createLogger({ level: 'debug' }, { write: (line) => void lines.push(JSON.parse(line)) });
  const env = {
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    ...{ OTEL_EXPORTER_OTLP_HEADERS: `x-key=${SECRET_KEY}`, OTEL_BSP_SCHEDULE_DELAY: '50' },
  };
  world = await createWorld({ env, wrapTrainer: createQuickTrainer, logger });
  await world.addSite(SITE);
  device = await world.addDevice(SITE);
  await world.startDevice(SITE, device);
  const response = await fetch(`${world.cloud.url}/api/v1/ml/retrain`, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${world.token}`, 'content-type': 'application/json' },
      traceparent: `00-${TRACE}-${CALLER_SPAN}-01`,
    },
    body: JSON.stringify({ systemId: SITE }),
  });
  expect(response.status).toBe(202);
  jobId = String(((await response.json()) as { readonly jobId: string }).jobId);
  await world.jobReaches(jobId, 'acked');
}, 120_000);

afterAll(async () => {
  await world.close();
  await receiver.close();
});

const ofTrace = (): readonly ReceivedSpan[] => receiver.spans.filter(({ traceId }) => traceId === TRACE);

const named = (name: string): Promise<ReceivedSpan> =>
  vi.waitFor(() => {
    const span = ofTrace().find((each) => each.name === name);
    if (span === undefined) throw new Error(`no ${name} among ${ofTrace().map((each) => each.name)}`);
    return span;
  }, PATIENCE);

/** Names from the span up to the one that its caller's span is above. */
async function lineage(name: string): Promise<readonly string[]> {
  const names = [name];
  let span = await named(name);
  while (span.parentSpanId !== CALLER_SPAN) {
    const above = span.parentSpanId;
    span = await vi.waitFor(() => {
      const parent = ofTrace().find(({ spanId }) => spanId === above);
      if (parent === undefined) throw new Error(`nothing is above ${names.at(-1)}`);
      return parent;
    }, PATIENCE);
    names.push(span.name);
  }
  return names;
}

const REQUEST = ['append JobRequested', 'POST /api/v1/ml/retrain'];
const COLLECTED = ['append DataCollected', 'effect collect-data', ...REQUEST];
const EVALUATED = ['append ModelEvaluated', 'effect train-models', ...COLLECTED];
const OFFERED = ['append DeploymentOffered, JobDeployed', 'effect judge-model', ...EVALUATED];

describe('the trace of a retrain', () => {
  it('leads from the request over facts and effects to the answer of the device', async () => {
    expect(await lineage('fit profile')).toEqual(['fit profile', 'effect train-models', ...COLLECTED]);
    expect(await lineage('effect publish-desired')).toEqual(['effect publish-desired', ...OFFERED]);
    const acked = ['append DeploymentActivated', 'receive ack', ...OFFERED];
    expect(await lineage('append JobAcked')).toEqual(['append JobAcked', 'effect report-outcome', ...acked]);
  });

  it('says of each part what it was about and how it went', async () => {
    expect(await named('POST /api/v1/ml/retrain')).toMatchObject({
      ...{ kind: 2, failed: false },
      attributes: { 'http.response.status_code': 202, 'http.route': '/api/v1/ml/retrain' },
      resource: { 'service.name': 'lifo4-ml' },
    });
    const { attributes } = await named('effect train-models');
    expect(attributes).toMatchObject({
      ...{ 'lifo4.stream': `training-job-${jobId}`, 'lifo4.effect.tries': 1 },
      'lifo4.effect.outcome': 'done',
    });
    expect((await named('append JobRequested')).attributes['lifo4.facts']).toEqual([
      `training-job-${jobId}@1 JobRequested`,
    ]);
    expect((await named('export')).attributes['lifo4.training.cpu_seconds']).toBe(0.25);
    expect((await named('receive ack')).attributes).toMatchObject({ 'lifo4.device': device.deviceId });
  });

  it('is left by what comes again and again, which is linked to it', async () => {
    await vi.waitFor(() => {
      const reports = receiver.spans.filter(({ name }) => name === 'receive state');
      expect(reports.filter(({ links }) => links.includes(TRACE))).not.toEqual([]);
    }, PATIENCE);
    expect(ofTrace().filter(({ name }) => name === 'receive state')).toEqual([]);
    expect(receiver.spans.filter(({ name }) => /metrics|healthz|readyz/.test(name))).toEqual([]);
  });

  it('stands in each fact, with the request that caused the first', async () => {
    const { log } = world.cloud.postgres;
    const facts = await log.readStream(`training-job-${jobId}`);
    const traces = facts.map(({ metadata }) => metadata.trace?.split('-')[1]);
    expect(new Set(traces)).toEqual(new Set([TRACE]));
    const { attributes } = await named('POST /api/v1/ml/retrain');
    expect(facts[0]?.metadata.causationId).toBe(attributes['lifo4.request']);
  });

  it('is counted, and the receiver’s key is in no line of the log', async () => {
    const metrics = await (await fetch(`${world.cloud.url}/metrics`)).text();
    const sent = /^lifo4_trace_spans_total\{outcome="sent"\} (\d+)$/m.exec(metrics)?.[1];
    expect(Number(sent)).toBeGreaterThan(10);
    expect(receiver.requests[0]?.key).toBe(SECRET_KEY);
    expect(lines.filter((line) => JSON.stringify(line).includes(SECRET_KEY))).toEqual([]);
  });
});

describe('lines of the log', () => {
  it('about an effect carry its stream, the job and the trace', () => {
    const about = lines.filter(({ effect }) => effect !== undefined);
    const ofJob = about.filter(({ stream }) => stream === `training-job-${jobId}`);
    expect(ofJob.map(({ msg }) => msg)).toContain('models trained');
    for (const line of ofJob) expect(line).toMatchObject({ correlation: jobId, trace_id: TRACE });
    for (const line of about)
      expect(line).toMatchObject({ stream: expect.any(String), trace_id: expect.any(String) });
  });

  it('about a device’s message carry the stream, the message and the trace', async () => {
    const next = await world.addDevice(SITE);
    const login = { clientId: next.deviceId, username: next.deviceId, password: next.secret };
    const client = await connectAsync(world.cloud.mqttUrl, { protocolVersion: 4, ...login });
    const ack = {
      messageId: 'm-unknown',
      deviceId: next.deviceId,
      deploymentId: 'nothing',
      assignment: 9,
    };
    const said = {
      ...ack,
      version: '9.0.0',
      status: 'active',
      runningVersion: null,
      at: '2026-10-15T12:00:00Z',
    };
    await client.publishAsync(`lifo4/${SITE}/ml/model/ack`, JSON.stringify(said), { qos: 1 });
    const line = await vi.waitFor(() => {
      const found = lines.find(({ correlation }) => correlation === 'm-unknown');
      if (found === undefined) throw new Error('no line');
      return found;
    }, PATIENCE);
    expect(line).toMatchObject({
      ...{ msg: 'device message refused', stream: 'deployment-nothing', kind: 'ack' },
      trace_id: expect.stringMatching(/^[\da-f]{32}$/),
    });
    await client.endAsync();
  });
});
