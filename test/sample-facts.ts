import type { Answer } from '../src/events/deployment.ts';
import type { SiteSettings } from '../src/events/site.ts';
import type { TrainingJobCommand } from '../src/machines/training-job.ts';

/** Facts and settings of one believable site, for tests. */

type DataOf<Type extends TrainingJobCommand['type']> = Extract<TrainingJobCommand, { type: Type }>;

const CHECKSUM = `sha256:${'1'.repeat(64)}`;

export const sampleSettings: SiteSettings = {
  zone: 'America/Sao_Paulo',
  ibgeCode: null,
  tariff: null,
  ratedKw: null,
  contract: null,
  target: null,
};

export const sampleMetrics = {
  mape: 0.038,
  wape: 0.036,
  rmse: 45.8,
  mase: 0.61,
  coverage90: 0.9,
  mape24h: 0.036,
  mape48h: 0.04,
  hours: 624,
  excludedHours: 0,
};

export const sampleRequest: DataOf<'request'>['request'] = {
  jobId: 'job-1',
  systemId: 'bess-456',
  tenant: 'acme',
  modelType: 'ensemble',
  members: 'all',
  trainingWindowDays: 90,
  forceRedeploy: false,
  trigger: 'manual',
  seed: 7,
};

export const sampleDataSet: DataOf<'record-data'>['dataSet'] = {
  checksum: CHECKSUM,
  size: 23_000,
  from: '2025-10-07T06:00:00Z',
  to: '2026-01-05T06:00:00Z',
  hours: 2160,
  warmupHours: 888,
  filledHours: 3,
  findings: [],
};

export const sampleEvaluation: DataOf<'record-evaluation'>['evaluation'] = {
  version: '1.0.0',
  layoutVersion: 1,
  modelType: 'ensemble',
  artifact: { checksum: CHECKSUM, size: 1_000_000 },
  members: [{ model: 'linear', outcome: 'trained', weight: 1, metrics: sampleMetrics }],
  gateMetric: 'mape',
  metrics: sampleMetrics,
  seasonalNaive: { ...sampleMetrics, mape: 0.06, wape: 0.06 },
  comparison: null,
  accuracy: { mape: 0.038, rmse: 45.8 },
  trainedUntil: '2026-01-05T06:00:00Z',
  cpuSeconds: 4.2,
};

export const sampleDecision: DataOf<'keep'>['kept']['decision'] = {
  metric: 'mape',
  target: 0.08,
  minimumGain: 0.05,
  minimumUnseenDays: 5,
  challenger: 0.038,
  seasonalNaive: 0.06,
  forced: false,
  comparison: null,
};

export const sampleOffer = {
  deploymentId: 'dep-1',
  systemId: 'bess-456',
  tenant: 'acme',
  deviceId: 'dev-1',
  assignment: 1,
  version: '1.0.0',
  modelType: 'ensemble' as const,
  artifact: { checksum: CHECKSUM, size: 1_000_000 },
  accuracy: { mape: 0.038, rmse: 45.8 },
  trainedUntil: '2026-01-05T06:00:00Z',
  jobId: 'job-1',
  previousDeploymentId: null,
  expires: '2026-01-06T06:00:00Z',
};

export const sampleAnswer = (messageId: string, over: Partial<Answer> = {}): Answer => ({
  messageId,
  deviceId: 'dev-1',
  assignment: 1,
  runningVersion: '1.0.0',
  at: '2026-01-05T06:05:00Z',
  ...over,
});
