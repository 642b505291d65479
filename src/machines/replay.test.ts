import { describe, expect, it } from 'vitest';
import {
  sampleAnswer,
  sampleDataSet,
  sampleDecision,
  sampleEvaluation,
  sampleOffer,
  sampleRequest,
  sampleSettings,
} from '../../test/sample-facts.ts';
import { machineByName } from './catalogue.ts';
import { IllegalFact, type Lifecycle, type Stage } from './lifecycle.ts';

/** Folding walks the table; deciding asks the machine that was made of it. Both must say the same. */

const answer = sampleAnswer('message-1');
const data: Readonly<Record<string, readonly (readonly [string, unknown])[]>> = {
  'training-job': [
    ['JobRequested', sampleRequest],
    ['DataCollected', { dataSet: sampleDataSet }],
    ['ModelEvaluated', sampleEvaluation],
    ['JobDeployed', { version: '1.0.0', deploymentId: 'dep-1', decision: sampleDecision }],
    ['JobKept', { version: '1.0.0', reason: 'no-device', decision: sampleDecision }],
    ['JobAcked', { deploymentId: 'dep-1' }],
    ['JobRolledBack', { deploymentId: 'dep-1', reason: 'nan' }],
    ['JobUndelivered', { deploymentId: 'dep-1', reason: 'expired' }],
    ['JobFailed', { code: 'x', reason: 'y' }],
    ['JobCancelled', { reason: 'y' }],
    ['toString', {}],
  ],
  deployment: [
    ['DeploymentOffered', sampleOffer],
    ['DeploymentActivated', { answer }],
    ['DeploymentRejected', { answer }],
    ['DeploymentRolledBack', { answer }],
    ['DeploymentExpired', { expires: sampleOffer.expires }],
    ['DeploymentSuperseded', { byDeploymentId: 'dep-2' }],
    ['LateAnswerRecorded', { status: 'active', answer }],
    ['constructor', {}],
  ],
  alert: [
    ['AlertOpened', { alertId: 'alert-1', systemId: 'bess-456', tenant: 'acme', rule: 'daily-mape' }],
    ['AlertAcknowledged', { note: '' }],
    ['AlertRetrainStarted', { jobId: 'job-1', at: sampleOffer.expires }],
    ['ProposedFlagAccepted', { label: 'kiln' }],
    ['AlertResolved', { reason: 'recovered', day: null }],
  ],
  'alert-silence': [
    ['SilenceSet', { scope: { tenant: 'acme', systemId: null, rule: null }, until: sampleOffer.expires }],
    ['SilenceLifted', { reason: 'y' }],
  ],
  fleet: [
    ['FleetStopped', { tenant: 'acme', failed: 3 }],
    ['FleetResumed', { reason: 'y' }],
  ],
  site: [
    ['SiteRegistered', { systemId: 'bess-456', tenant: 'acme', settings: sampleSettings }],
    ['SiteChanged', { settings: sampleSettings }],
    ['DeviceAssigned', { deviceId: 'dev-1' }],
    ['RetrainsPaused', { reason: 'harvest' }],
    ['RetrainsResumed', {}],
    ['SiteDecommissioned', { reason: 'sold' }],
  ],
};

interface Fact {
  readonly type: string;
  readonly data: unknown;
}

/** The next stage, or null where the fact is illegal. */
function tried(next: () => Stage): Stage | null {
  try {
    return next();
  } catch (error) {
    if (error instanceof IllegalFact) return null;
    throw error;
  }
}

/** Every legal history of up to `length` facts. */
function histories(machine: Lifecycle, facts: readonly Fact[], length: number): readonly (readonly Fact[])[] {
  if (length === 0) return [[]];
  const shorter = histories(machine, facts, length - 1);
  const longest = shorter.filter((history) => history.length === length - 1);
  const longer = longest.flatMap((history) => facts.map((fact) => [...history, fact]));
  return [...shorter, ...longer.filter((history) => tried(() => machine.replay(history)) !== null)];
}

describe.each(Object.keys(data))('folding a %s', (name) => {
  it('gives what the machine gives, fact by fact, and refuses what it refuses', () => {
    const machine = machineByName(name);
    if (machine === null) throw new Error(`no machine ${name}`);
    const facts = (data[name] ?? []).map(([type, value]) => ({ type, data: value }));
    for (const history of histories(machine, facts, 5)) {
      const stage = machine.replay(history);
      for (const fact of facts) {
        const stepped = tried(() => machine.step(stage, fact)[0]);
        expect(tried(() => machine.replay([...history, fact]))).toEqual(stepped);
      }
    }
  });
});
