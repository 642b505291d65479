import { describe, expect, it } from 'vitest';
import { recordedFacts } from '../../test/machines/recorded-facts.ts';
import { runVector } from '../../test/machines/run-vector.ts';
import {
  sampleDataSet,
  sampleDecision,
  sampleEvaluation,
  sampleOffer,
  sampleRequest,
} from '../../test/sample-facts.ts';
import { deployment } from '../machines/deployment.ts';
import { deviceUpdate } from '../machines/device-update.ts';
import { trainingJob } from '../machines/training-job.ts';
import { explain } from './explain.ts';
import { toMermaid } from './mermaid.ts';
import { historyOf, marksOf } from './steps.ts';
import { vectorOf } from './vector.ts';

const missed = { ...sampleDecision, challenger: 0.091, seasonalNaive: 0.1 };
const kept = recordedFacts(trainingJob, 'training-job-job-1', [
  ['JobRequested', sampleRequest],
  ['DataCollected', { dataSet: sampleDataSet }],
  ['ModelEvaluated', sampleEvaluation],
  ['JobKept', { version: '1.0.0', reason: 'target-missed', decision: missed }],
]);

const instant = (count: number) => explain(trainingJob, historyOf(trainingJob, kept.slice(0, count)));
const refusalOf = (count: number, fact: string) => instant(count).refused.find((one) => one.fact === fact);

describe('an instant of a stream', () => {
  it('tells the state, the context, and the effects that were requested', () => {
    expect(instant(2)).toMatchObject({
      version: 2,
      state: 'training',
      context: { request: sampleRequest, dataSet: sampleDataSet, evaluation: null },
      taken: {
        from: 'pending',
        to: 'training',
        effects: [{ key: 'training-job-job-1@2#0', type: 'train-models', data: { jobId: 'job-1' } }],
      },
    });
  });

  it('says for every other fact why it did not happen', () => {
    expect(refusalOf(2, 'JobFailed')).toMatchObject({ why: 'other' });
    expect(refusalOf(2, 'JobAcked')).toEqual({
      fact: 'JobAcked',
      why: 'state',
      legalIn: ['deployed'],
      guards: [],
    });
    expect(instant(2).refused).toHaveLength(9);
  });

  it('shows the numbers of a guard that kept a model back', () => {
    const refusal = refusalOf(4, 'JobDeployed');
    expect(refusal?.why).toBe('guard');
    expect(refusal?.guards).toContainEqual({
      name: 'below-target',
      holds: false,
      values: { challenger: { share: 0.091 }, target: { share: 0.08 } },
    });
    expect(refusal?.guards.filter(({ holds }) => holds === true).map(({ name }) => name)).toEqual([
      'better-than-naive',
      'enough-unseen-days',
      'better-than-champion',
      'no-obstacle',
    ]);
  });

  it('names what is legal now, its guards and the commands that would do it', () => {
    expect(instant(3).legal).toContainEqual({
      fact: 'JobDeployed',
      to: 'deployed',
      effects: [],
      guards: expect.arrayContaining([{ name: 'below-target', holds: null, values: {} }]),
      commands: ['deploy'],
    });
    expect(instant(4).legal).toEqual([]);
    expect(instant(0)).toMatchObject({ version: 0, state: 'new', taken: null, refused: [] });
  });

  it('tells apart what the state allows and a guard refuses now', () => {
    const { legal, barred } = explain(deviceUpdate, historyOf(deviceUpdate, []));
    expect(legal.map(({ fact }) => fact)).toContain('UpdateAssigned');
    expect(barred).toContainEqual(
      expect.objectContaining({
        fact: 'PreviousForgotten',
        why: 'guard',
        guards: expect.arrayContaining([
          { name: 'previous-there', holds: false, values: { previous: null } },
        ]),
      }),
    );
  });

  it('names effects that the move may request and that were not needed', () => {
    const offered = recordedFacts(deployment, 'deployment-dep-1', [
      ['DeploymentOffered', { ...sampleOffer, jobId: null }],
      ['DeploymentExpired', { version: '1.0.0', expires: sampleOffer.expires }],
    ]);
    expect(historyOf(deployment, offered).steps[1]?.spared).toEqual(['report-outcome']);
  });
});

describe('a history', () => {
  it('can be taken from any place on', () => {
    const whole = historyOf(trainingJob, kept);
    const rest = historyOf(trainingJob, kept, 2);
    expect(rest.steps).toEqual(whole.steps.slice(2));
    expect(rest.start).toEqual(whole.steps[1]?.stage);
  });

  it.each([0, 1, 2, 3])('ends before a fact that the machine does not know there (after %i)', (after) => {
    const odd = kept.filter(({ version }) => version !== 2);
    const { steps, broken } = historyOf(trainingJob, odd, after);
    expect(steps.map(({ version }) => version)).toEqual([1].filter((version) => version > after));
    expect(broken).toMatchObject({ version: 3, type: 'ModelEvaluated' });
  });

  it('is a test vector that the tests of the machines accept', () => {
    const vector = vectorOf(trainingJob, 'kept', kept);
    expect(vector.histories[0]?.effects).toEqual([
      ['collect-data'],
      ['train-models'],
      ['judge-model'],
      ['sort-files'],
    ]);
    runVector(JSON.parse(JSON.stringify(vector)));
  });

  it('is refused as a test vector when it leads elsewhere', () => {
    const { histories, ...rest } = vectorOf(trainingJob, 'kept', kept);
    const wrong = histories.map((history) => ({
      ...history,
      stage: { ...history.stage, state: 'deployed' },
    }));
    expect(() => runVector({ ...rest, histories: wrong })).toThrow();
  });

  it('is written as Mermaid with what happened, what did not, and what may come', () => {
    const shown = (count: number) =>
      toMermaid(trainingJob.definition, marksOf(trainingJob, historyOf(trainingJob, kept.slice(0, count))));
    expect(shown(3)).toMatchSnapshot();
  });
});
