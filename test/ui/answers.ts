import type { RecordedFact } from '../../src/events/envelope.ts';
import { deployment } from '../../src/machines/deployment.ts';
import { trainingJob } from '../../src/machines/training-job.ts';
import { DEPLOYMENT_ID, deploymentStory, JOB_ID, SYSTEM_ID, stateAfter } from './story.ts';

/** What the HTTP API answers about the story; MAPE-like figures in percent. */

const metrics = { mape: 4.21, wape: 4, rmse: 45.8, mase: 0.71, coverage90: 91.2 };

const members = [
  ['linear', 0.46, 4.4, 47.1],
  ['xgboost', 0.35, 4.9, 52.3],
  ['profile', 0.19, 6.8, 71.9],
].map(([model, weight, mape, rmse]) => ({
  model,
  outcome: 'trained',
  weight,
  metrics: { ...metrics, mape, rmse },
}));

const unavailable = ['lstm', 'prophet', 'arima'].map((model) => ({
  model,
  outcome: 'unavailable',
  reason: 'not part of this release',
  weight: 0,
  metrics: null,
}));

const decision = {
  metric: 'mape',
  target: 8,
  minimumGain: 5,
  minimumUnseenDays: 5,
  challenger: 4.21,
  seasonalNaive: 7.9,
  forced: false,
  comparison: {
    championVersion: '1.2.0',
    unseenDays: 7,
    championMape: 4.86,
    challengerMape: 4.3,
    gain: 11.5,
    gainLower90: 6.2,
    gainUpper90: 16.1,
  },
};

const progress = [
  { model: 'linear', stage: 'backtest', share: 1 },
  { model: 'xgboost', stage: 'fit', share: 0.62 },
  { model: 'profile', stage: 'fit', share: 1 },
];

export function jobAnswer(facts: readonly RecordedFact[]) {
  const status = stateAfter(trainingJob, facts);
  const evaluated = facts.length >= 3;
  return {
    jobId: JOB_ID,
    systemId: SYSTEM_ID,
    status,
    progress: status === 'training' ? progress : [],
    metrics: evaluated ? metrics : null,
    members: evaluated ? [...members, ...unavailable] : [],
    decision: facts.length >= 4 ? decision : null,
    deployment: facts.length >= 4 ? { deploymentId: DEPLOYMENT_ID, status: 'active' } : null,
  };
}

export function jobsAnswer(facts: readonly RecordedFact[]) {
  const item = {
    jobId: JOB_ID,
    systemId: SYSTEM_ID,
    status: stateAfter(trainingJob, facts),
    modelType: 'ensemble',
    trigger: 'manual',
    createdAt: facts[0]?.metadata.at,
    updatedAt: facts.at(-1)?.metadata.at,
    version: facts.length >= 3 ? '1.3.0' : null,
  };
  const failed = { ...item, jobId: '01OLD', status: 'failed', version: null, reason: 'no-usable-member' };
  const kept = {
    ...item,
    jobId: '01OLDER',
    status: 'kept',
    version: '1.2.0',
    reason: 'not-better-than-champion',
  };
  return { items: [item, failed, kept], nextCursor: null };
}

export const deploymentAnswer = () => ({
  deploymentId: DEPLOYMENT_ID,
  systemId: SYSTEM_ID,
  deviceId: 'd1',
  version: '1.3.0',
  modelType: 'ensemble',
  status: stateAfter(deployment, deploymentStory),
  jobId: JOB_ID,
  inferenceMs: 3.2,
  offeredAt: '2026-01-05T06:06:00Z',
  expires: '2026-01-12T06:00:00Z',
});

export const siteAnswer = {
  systemId: SYSTEM_ID,
  zone: 'America/Sao_Paulo',
  runningVersion: '1.3.0',
  desiredVersion: '1.3.0',
};

export function forecastAnswer() {
  const hours = Array.from({ length: 48 }, (_, i) => {
    const load = 420 + 260 * Math.exp(-((((i + 3) % 24) - 15) ** 2) / 18) + 12 * Math.sin(i * 1.7);
    const spread = 22 + i * 0.7;
    const peak = Math.exp(-((((i + 3) % 24) - 15) ** 2) / 3) / 3.1;
    return {
      hour: new Date(Date.UTC(2026, 0, 5, 7 + i)).toISOString(),
      loadKw: load,
      lowerKw: load - spread,
      upperKw: load + spread * 1.2,
      peakProbability: i < 45 ? peak : null,
      exceedanceProbability: Math.min(1, peak * 2),
      exceedanceBasis: 'max15' as const,
    };
  });
  return { systemId: SYSTEM_ID, issuedAt: '2026-01-05T07:00:00Z', version: '1.3.0', hours };
}
