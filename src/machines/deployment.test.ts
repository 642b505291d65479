import { describe, expect, it } from 'vitest';
import { sampleAnswer, sampleOffer } from '../../test/sample-facts.ts';
import type { DeploymentFact } from '../events/deployment.ts';
import { type AnswerStatus, type DeploymentCommand, type DeploymentStage, deployment } from './deployment.ts';
import { IllegalCommand } from './lifecycle.ts';

type Offer = Extract<DeploymentCommand, { type: 'offer' }>['offer'];

const at = new Date('2026-01-05T06:00:00Z');
const offer: DeploymentCommand = { type: 'offer', offer: sampleOffer };
const expire: DeploymentCommand = { type: 'expire' };
const supersede: DeploymentCommand = { type: 'supersede', byDeploymentId: 'dep-2' };
const answer = (status: AnswerStatus, messageId = 'm1', overtaken = false): DeploymentCommand => ({
  type: 'answer',
  status,
  answer: sampleAnswer(messageId),
  overtaken,
});

function run(...commands: readonly DeploymentCommand[]) {
  let stage: DeploymentStage = deployment.initial;
  let facts: readonly DeploymentFact[] = [];
  let effects: readonly string[] = [];
  for (const command of commands) {
    facts = deployment.decide(stage, command, at);
    effects = [];
    for (const fact of facts) {
      const [next, asked] = deployment.step(stage, fact);
      stage = next;
      effects = asked.map(({ type }) => type);
    }
  }
  return { state: stage.state, facts: facts.map(({ type }) => type), effects, stage };
}

describe('deployment', () => {
  it('given an offer, it publishes, reminds, and sets its deadline on the site clock', () => {
    const [fact] = deployment.decide(deployment.initial, offer, at);
    if (fact === undefined) throw new Error('no fact');
    const [, effects] = deployment.step(deployment.initial, fact);
    expect(effects).toMatchObject([
      { type: 'publish-desired' },
      { type: 'remind-device', due: { clock: 'machine' } },
      { type: 'expire-deployment', due: { clock: 'site', at: sampleOffer.expires } },
    ]);
  });

  it.each([
    ['active', 'DeploymentActivated', ['report-outcome', 'sort-files']],
    ['rejected', 'DeploymentRejected', ['report-outcome', 'restore-desired', 'sort-files']],
    ['rolledback', 'DeploymentRolledBack', ['report-outcome', 'restore-desired', 'sort-files']],
  ] as const)('given an offer, when the device answers %s', (status, fact, effects) => {
    expect(run(offer, answer(status))).toMatchObject({ state: status, facts: [fact], effects });
  });

  it('given an active model, when it fails later, it rolls back and what ran before is desired again', () => {
    expect(run(offer, answer('active'), answer('rolledback', 'm2'))).toMatchObject({
      state: 'rolledback',
      effects: ['restore-desired', 'sort-files'],
    });
  });

  it('given a deadline, it expires, and a late activation still counts', () => {
    expect(run(offer, expire)).toMatchObject({
      state: 'expired',
      effects: ['report-outcome', 'restore-desired', 'sort-files'],
    });
    expect(run(offer, expire, answer('active'))).toMatchObject({
      state: 'active',
      effects: ['restore-desired', 'sort-files'],
    });
  });

  it('given a newer offer, when the device had swapped already, then this model runs until the newer one does', () => {
    expect(run(offer, supersede, answer('active'))).toMatchObject({
      state: 'active',
      effects: ['restore-desired', 'sort-files'],
    });
  });

  it.each([
    [offer, expire, answer('rejected')],
    [offer, expire, answer('active', 'm1', true)],
    [offer, supersede, answer('rejected')],
    [offer, supersede, answer('active', 'm1', true)],
    [offer, answer('rejected'), answer('active', 'm2')],
    [offer, answer('rolledback'), answer('active', 'm2')],
    [offer, answer('active'), answer('active', 'm2')],
  ])('records an answer that comes too late', (...commands) => {
    expect(run(...commands)).toMatchObject({ facts: ['LateAnswerRecorded'], effects: [] });
  });

  it('folds a repeated message once', () => {
    expect(run(offer, answer('active', 'm1'), answer('active', 'm1')).facts).toEqual([]);
    expect(run(offer, answer('active', 'm1'), answer('rolledback', 'm1'))).toMatchObject({
      state: 'active',
      facts: [],
    });
  });

  it('refuses what cannot happen, saying what can', () => {
    expect(() => run(answer('active'))).toThrow(IllegalCommand);
    expect(() => run(offer, answer('active'), expire)).toThrow(/possible now: .*DeploymentRolledBack/);
  });

  it('does not report to a job that is not there', () => {
    expect(run({ type: 'offer', offer: { ...sampleOffer, jobId: null } }, answer('active')).effects).toEqual([
      'sort-files',
    ]);
  });

  it('keeps the registry of what runs and what is offered', () => {
    const operations = (offered: Offer, ...rest: DeploymentCommand[]) => {
      const { stage } = run({ type: 'offer', offer: offered }, ...rest.slice(0, -1));
      const last = rest.at(-1);
      if (last === undefined) throw new Error('no command');
      return deployment
        .decide(stage, last, at)
        .flatMap((fact) => deployment.registry(deployment.step(stage, fact)[0], fact))
        .map(({ operation, kind, value }) => `${operation} ${kind} ${value}`);
    };
    expect(operations(sampleOffer, answer('active'))).toEqual([
      'release offered-deployment dep-1',
      'set running-deployment dep-1',
    ]);
    expect(operations(sampleOffer, answer('active'), answer('rolledback', 'm2'))).toContain(
      'release running-deployment dep-1',
    );
    const second = { ...sampleOffer, previousDeploymentId: 'dep-0' };
    expect(operations(second, answer('rolledback'))).toContain('set running-deployment dep-0');
    expect(operations(sampleOffer, expire)).toEqual(['release offered-deployment dep-1']);
  });
});
