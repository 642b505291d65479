import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { createStreamActors, type Origin } from '../../src/actors/stream-actor.ts';
import { openPostgres, type Postgres } from '../../src/adapters/postgres/open.ts';
import { streamId } from '../../src/events/stream-id.ts';
import { alert } from '../../src/machines/alert.ts';
import { deployment } from '../../src/machines/deployment.ts';
import { site } from '../../src/machines/site.ts';
import { type TrainingJobCommand, trainingJob } from '../../src/machines/training-job.ts';
import { alertsProjection } from '../../src/projections/alerts.ts';
import { deploymentsProjection } from '../../src/projections/deployments.ts';
import { jobsProjection } from '../../src/projections/jobs.ts';
import { modelsProjection } from '../../src/projections/models.ts';
import { sitesProjection } from '../../src/projections/sites.ts';
import {
  sampleAnswer,
  sampleDataSet,
  sampleDecision,
  sampleEvaluation,
  sampleMetrics,
  sampleOffer,
  sampleRequest,
  sampleSettings,
} from '../sample-facts.ts';

/** One site's January as charts show it: a model that is taken back, one that a person deploys, a job that fails, an alert, a day. */

export const SITE = 'bess-456';
/** 00:00 in São Paulo. */
const MIDNIGHT = Date.parse('2026-01-12T03:00:00Z');
const HOUR_MS = 3_600_000;
const ORIGIN: Origin = { actor: 'cloud', tenant: 'acme', systemId: SITE, correlationId: 'story' };
const NOW = new Date('2026-01-10T12:00:00Z');

const projections = [
  ...[jobsProjection, deploymentsProjection, modelsProjection, sitesProjection, alertsProjection],
];

const evaluation = (version: string) => ({
  ...sampleEvaluation,
  version,
  members: [
    { model: 'linear', outcome: 'trained' as const, weight: 0.75, metrics: sampleMetrics },
    {
      model: 'xgboost',
      outcome: 'trained' as const,
      weight: 0.25,
      metrics: { ...sampleMetrics, mape: 0.05 },
    },
    { model: 'lstm', outcome: 'failed' as const, reason: 'diverged', weight: 0, metrics: null },
  ],
  timings: [
    { stage: 'prepare' as const, model: null, cpuSeconds: 2 },
    { stage: 'fit' as const, model: 'linear', cpuSeconds: 3 },
    { stage: 'fit' as const, model: 'xgboost', cpuSeconds: 5 },
  ],
});

async function tellFacts(postgres: Postgres): Promise<void> {
  const clock = { now: () => NOW };
  const actors = createStreamActors({
    log: postgres.log,
    clocks: { site: clock, machine: clock },
    newId: randomUUID,
  });
  const job = async (jobId: string, commands: readonly TrainingJobCommand[]) => {
    const request = { type: 'request', request: { ...sampleRequest, jobId } } as const;
    for (const command of [request, ...commands])
      await actors.send(trainingJob, streamId('training-job', jobId), command, ORIGIN);
  };
  const collected = { type: 'record-data', dataSet: sampleDataSet } as const;
  await actors.send(
    site,
    streamId('site', SITE),
    { type: 'register', systemId: SITE, tenant: 'acme', settings: sampleSettings },
    ORIGIN,
  );
  await job('job-1', [
    collected,
    { type: 'record-evaluation', evaluation: evaluation('1.0.0') },
    { type: 'deploy', deployment: { version: '1.0.0', deploymentId: 'dep-1', decision: sampleDecision } },
  ]);
  const offered = streamId('deployment', 'dep-1');
  await actors.send(deployment, offered, { type: 'offer', offer: sampleOffer }, ORIGIN);
  const answer = sampleAnswer('m-1', { reason: 'no number', runningVersion: null });
  await actors.send(
    deployment,
    offered,
    { type: 'answer', status: 'rolledback', answer, overtaken: false, restored: null },
    ORIGIN,
  );
  await job('job-2', [
    collected,
    { type: 'record-evaluation', evaluation: evaluation('1.1.0') },
    {
      type: 'keep',
      kept: { version: '1.1.0', reason: 'not-better-than-champion', decision: sampleDecision },
    },
  ]);
  const again = { ...sampleOffer, deploymentId: 'dep-2', version: '1.1.0', assignment: 2, jobId: null };
  await actors.send(deployment, streamId('deployment', 'dep-2'), { type: 'offer', offer: again }, ORIGIN);
  await job('job-3', [{ type: 'fail', code: 'gap', reason: 'a gap of 40 hours' }]);
  await job('job-4', []);
  const opened = {
    ...({
      alertId: 'alert-1',
      systemId: SITE,
      tenant: 'acme',
      rule: 'daily-mape',
      day: '2026-01-09',
    } as const),
    evidence: { limit: 0.08, days: [], hours: [], weeks: null, suspectHours: 0 },
    actions: ['check-load-profile' as const, 'retrain-on-recent-data' as const],
    proposedFlag: null,
  };
  await actors.send(alert, streamId('alert', 'alert-1'), { type: 'open', alert: opened }, ORIGIN);
}

/** A day forecast at 110 kW, 100 to 120, of which 100 kW came true, but 125 in its fourth hour; 100 was right by the linear model. */
async function measureDay({ forecasts, telemetry, scores, memberDays }: Postgres): Promise<void> {
  const hour = (n: number): string => new Date(MIDNIGHT + n * HOUR_MS).toISOString();
  await forecasts.save({
    ...{ systemId: SITE, issuedAt: hour(0), version: '1.0.0', modelType: 'ensemble', deviceId: 'dev-1' },
    hours: Array.from({ length: 48 }, (_, n) => ({
      ...{ hour: hour(n), loadKw: 110, lowerKw: 100, upperKw: 120, peakProbability: null },
    })),
  });
  await telemetry.write(
    SITE,
    Array.from({ length: 24 }, (_, n) => ({ hour: hour(n), loadKw: n === 3 ? 125 : 100 })),
  );
  await scores.scoreArrivals(1_000);
  const [served] = await memberDays.claim(new Date(MIDNIGHT + 36 * HOUR_MS), 1);
  if (served === undefined) throw new Error('the day is not due');
  const level = (kw: number): number[] => new Array<number>(24).fill(kw);
  await memberDays.save(served, [
    { modelType: 'linear', loadKw: level(100), lowerKw: level(90), upperKw: level(130) },
  ]);
  await scores.scoreArrivals(1_000);
}

/** Writes the story by the very code that writes it in service. */
export async function tellFleetStory(connectionString: string): Promise<void> {
  const logger = pino({ level: 'silent' });
  const postgres = await openPostgres({ connectionString, logger, projections, pollMs: 50 });
  try {
    await tellFacts(postgres);
    const head = async () =>
      Number((await postgres.pool.query('select count(*) from lifo4.event')).rows[0].count);
    const all = await head();
    for (const { name } of projections) await postgres.readModels.caughtUp(name, all, 20_000);
    await measureDay(postgres);
  } finally {
    await postgres.close();
  }
}
