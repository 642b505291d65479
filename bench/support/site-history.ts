import { randomUUID } from 'node:crypto';
import type { NewFact } from '../../src/events/envelope.ts';
import { streamId } from '../../src/events/stream-id.ts';
import type { EventLog, StreamAppend } from '../../src/ports/event-log.ts';
import {
  sampleAnswer,
  sampleDataSet,
  sampleDecision,
  sampleEvaluation,
  sampleOffer,
  sampleRequest,
  sampleSettings,
} from '../../test/sample-facts.ts';

export interface HistoryWish {
  readonly systemId: string;
  readonly tenant: string;
  /** Facts at least. */
  readonly facts: number;
}

type Told = readonly [type: string, data: unknown];

const FIRST = Date.parse('2020-01-06T06:00:00Z');
const WEEK_MS = 7 * 86_400_000;

function append(
  { systemId, tenant }: HistoryWish,
  stream: string,
  after: number,
  at: number,
  told: readonly Told[],
) {
  const machine = 'bench@1';
  const facts = told.map(([type, data], i): NewFact => {
    const about = { actor: 'bench', tenant, systemId, correlationId: stream, machine, schema: 1 };
    const metadata = { ...about, at: new Date(at + i * 1_000).toISOString() };
    return { eventId: randomUUID(), fact: { type, data }, metadata };
  });
  const nothing = { effects: [], registry: [] };
  return { streamId: stream, expectedVersion: after, facts, ...nothing } satisfies StreamAppend;
}

/** A weekly retrain whose model is deployed and runs: eight facts, as the machines state them. */
function week(wish: HistoryWish, n: number): readonly StreamAppend[] {
  const { systemId, tenant } = wish;
  const [jobId, deploymentId, version] = [`job-${systemId}-${n}`, `dep-${systemId}-${n}`, `1.${n}.0`];
  const at = FIRST + n * (WEEK_MS / 52);
  const about = { jobId, systemId, tenant };
  const offer = { ...sampleOffer, ...about, deploymentId, version, assignment: n };
  const job = append(wish, streamId('training-job', jobId), 0, at, [
    ['JobRequested', { ...sampleRequest, ...about }],
    ['DataCollected', { dataSet: sampleDataSet }],
    ['ModelEvaluated', { ...sampleEvaluation, version }],
    ['JobDeployed', { version, deploymentId, decision: sampleDecision }],
    ['JobAcked', { deploymentId }],
  ]);
  const deployment = append(wish, streamId('deployment', deploymentId), 0, at + 10_000, [
    ['DeploymentOffered', offer],
    ['DeploymentActivated', { version, answer: sampleAnswer(`m-${n}`, { runningVersion: version }) }],
  ]);
  const slot = new Date(at + WEEK_MS).toISOString();
  const site = append(wish, streamId('site', systemId), n, at, [
    ['RetrainScheduled', { slot, skipped: null }],
  ]);
  return [job, deployment, site];
}

/** Writes a site's life of weekly retrains, each deployed. */
export async function appendHistory(log: EventLog, wish: HistoryWish) {
  const { systemId, tenant, facts } = wish;
  const registered: Told = ['SiteRegistered', { systemId, tenant, settings: sampleSettings }];
  await log.commit({ appends: [append(wish, streamId('site', systemId), 0, FIRST, [registered])] });
  const weeks = Math.ceil((facts - 1) / 8);
  for (let n = 1; n <= weeks; n += 1) await log.commit({ appends: week(wish, n) });
  return { written: weeks * 8 + 1, weeks };
}
