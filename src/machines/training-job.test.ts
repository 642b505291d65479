import { describe, expect, it } from 'vitest';
import { sampleDataSet, sampleDecision, sampleEvaluation, sampleRequest } from '../../test/sample-facts.ts';
import { IllegalCommand } from './lifecycle.ts';
import {
  type TrainingJobCommand,
  type TrainingJobStage,
  trainingJob,
  UNFINISHED_JOB_STATES,
} from './training-job.ts';

const at = new Date('2026-01-05T06:00:00Z');

function jobAfter(...commands: readonly TrainingJobCommand[]): TrainingJobStage {
  return commands.reduce(
    (stage, command) =>
      trainingJob.decide(stage, command, at).reduce((next, fact) => trainingJob.step(next, fact)[0], stage),
    trainingJob.initial,
  );
}

const request: TrainingJobCommand = { type: 'request', request: sampleRequest };
const collected: TrainingJobCommand = { type: 'record-data', dataSet: sampleDataSet };
const evaluated: TrainingJobCommand = { type: 'record-evaluation', evaluation: sampleEvaluation };
const deploy: TrainingJobCommand = {
  type: 'deploy',
  deployment: { version: '1.0.0', deploymentId: 'dep-1', decision: sampleDecision },
};
const keep: TrainingJobCommand = {
  type: 'keep',
  kept: { version: '1.0.0', reason: 'not-better-than-champion', decision: sampleDecision },
};
const mirror = (outcome: Extract<TrainingJobCommand, { type: 'mirror' }>['outcome']): TrainingJobCommand => ({
  type: 'mirror',
  deploymentId: 'dep-1',
  outcome,
});

const requestedEffects = (before: TrainingJobStage, command: TrainingJobCommand) =>
  trainingJob
    .decide(before, command, at)
    .flatMap((fact) =>
      trainingJob.step(before, fact)[1].map(({ type, lane, data }) => ({ type, lane, data })),
    );

describe('training job', () => {
  it('given nothing, when requested, then it is pending and asks for its data', () => {
    expect(jobAfter(request).state).toBe('pending');
    expect(requestedEffects(trainingJob.initial, request)).toEqual([
      { type: 'collect-data', lane: 'quick', data: { jobId: 'job-1' } },
    ]);
  });

  it('given data, then it trains in the slow lane', () => {
    expect(requestedEffects(jobAfter(request), collected)).toEqual([
      { type: 'train-models', lane: 'slow', data: { jobId: 'job-1' } },
    ]);
  });

  it.each([
    ['deployed', [deploy]],
    ['kept', [keep]],
    ['acked', [deploy, mirror({ outcome: 'acked' })]],
    ['rolledback', [deploy, mirror({ outcome: 'rolledback', reason: 'NaN' })]],
    ['undelivered', [deploy, mirror({ outcome: 'expired' })]],
    ['undelivered', [deploy, mirror({ outcome: 'superseded' })]],
  ] as const)('given an evaluation, it ends %s', (state, commands) => {
    expect(jobAfter(request, collected, evaluated, ...commands).state).toBe(state);
  });

  it.each([[request], [request, collected], [request, collected, evaluated]])(
    'given an unfinished job, it can fail and be cancelled',
    (...commands) => {
      const stage = jobAfter(...commands);
      expect(UNFINISHED_JOB_STATES).toContain(stage.state);
      expect(trainingJob.decide(stage, { type: 'fail', code: 'x', reason: 'y' }, at)).toHaveLength(1);
      expect(requestedEffects(stage, { type: 'cancel', reason: 'not needed' })).toEqual([
        { type: 'stop-work', lane: 'quick', data: { jobId: 'job-1' } },
      ]);
    },
  );

  it('given the first outcome, when another comes, then it never changes', () => {
    const acked = jobAfter(request, collected, evaluated, deploy, mirror({ outcome: 'acked' }));
    const late = () => trainingJob.decide(acked, mirror({ outcome: 'rolledback', reason: 'later' }), at);
    expect(late).toThrow(IllegalCommand);
    expect(late).toThrow(/not possible in state acked/);
  });

  it('claims the site at the request and lets go of it when the verdict is out', () => {
    const registryOf = (before: TrainingJobStage, command: TrainingJobCommand) =>
      trainingJob
        .decide(before, command, at)
        .flatMap((fact) => trainingJob.registry(trainingJob.step(before, fact)[0], fact))
        .map(({ operation, kind, key }) => `${operation} ${kind} ${key}`);
    const slot = { ...sampleRequest, idempotencyKey: 'k1', weeklySlot: '2026-01-05T06:00:00Z' };
    expect(registryOf(trainingJob.initial, { type: 'request', request: slot })).toEqual([
      'claim idempotency-key acme/k1',
      'claim weekly-slot bess-456/2026-01-05T06:00:00Z',
      'claim unfinished-job bess-456',
    ]);
    const judged = jobAfter(request, collected, evaluated);
    for (const command of [deploy, keep, { type: 'cancel', reason: 'x' } as const]) {
      expect(registryOf(judged, command)).toEqual(['release unfinished-job bess-456']);
    }
    expect(registryOf(jobAfter(request, collected), evaluated)).toContain(
      'claim model-version bess-456/1.0.0',
    );
  });
});
