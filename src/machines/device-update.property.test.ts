import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Assignment, DeviceJournalFact } from '../events/device-journal.ts';
import { deviceUpdate } from './device-update.ts';
import type { DeviceUpdateCommand, DeviceUpdateStage } from './device-update-model.ts';
import { IllegalCommand } from './lifecycle.ts';

const at = new Date('2026-01-05T06:00:00Z');
const watchUntil = '2026-01-06T06:00:00Z';
const target = (assignment: number): Assignment => ({
  deploymentId: `dep-${assignment}`,
  assignment,
  version: `1.${assignment}.0`,
  modelType: 'ensemble',
  url: 'https://models.example.com/m.onnx',
  artifact: { checksum: `sha256:${String(assignment).repeat(64)}`, size: 1 },
  expires: '2026-01-12T06:00:00Z',
});

const commands: readonly ((assignment: number) => DeviceUpdateCommand)[] = [
  (assignment) => ({ type: 'assign', target: target(assignment) }),
  (assignment) => ({ type: 'refuse', target: target(assignment), reason: 'expired' }),
  (assignment) => ({ type: 'withdraw', assignment }),
  (assignment) => ({ type: 'record-download', assignment, bytes: 1 }),
  (assignment) => ({ type: 'record-verification', assignment, layoutVersion: 1 }),
  (assignment) => ({ type: 'begin-activation', assignment }),
  (assignment) => ({ type: 'record-swap', assignment }),
  (assignment) => ({ type: 'record-proof', assignment, inferenceMs: 1, watchUntil }),
  (assignment) => ({ type: 'reject', assignment, reason: 'checksum' }),
  (assignment) => ({ type: 'fail', assignment, reason: 'NaN' }),
  () => ({ type: 'take-back', reason: 'operator' }),
  (assignment) => ({ type: 'record-restoration', assignment, restored: true }),
  (assignment) => ({ type: 'end-watch', assignment }),
  (assignment) => ({ type: 'forget-previous', assignment }),
];
const command = fc
  .tuple(fc.constantFrom(...commands), fc.integer({ min: 1, max: 2 }))
  .map(([make, assignment]) => make(assignment));

/** The effect that carries a state on: without it, a device would hang there for ever. */
const drivers: Readonly<Record<string, string>> = {
  downloading: 'download-model',
  verifying: 'verify-model',
  staged: 'swap-model',
  activating: 'swap-model',
  probation: 'prove-model',
  rollingBack: 'restore-previous',
};

function decide(stage: DeviceUpdateStage, given: DeviceUpdateCommand): readonly DeviceJournalFact[] {
  try {
    return deviceUpdate.decide(stage, given, at);
  } catch (error) {
    expect(error).toBeInstanceOf(IllegalCommand);
    return [];
  }
}

/** Follows the commands; returns every stage with the effects that its last change of state asked for. */
function follow(given: readonly DeviceUpdateCommand[]) {
  let stage: DeviceUpdateStage = deviceUpdate.initial;
  let asked: readonly string[] = [];
  return given.map((next) => {
    for (const fact of decide(stage, next)) {
      const [stepped, effects] = deviceUpdate.step(stage, fact);
      // What a staged model asked for carries its activation, too.
      if ((stepped.state !== stage.state && stepped.state !== 'activating') || effects.length > 0)
        asked = effects.map(({ type }) => type);
      stage = stepped;
    }
    return { stage, asked };
  });
}

const busy = fc.array(command, { minLength: 30, maxLength: 200 });

it('given any commands, then whatever is under way has the effect that carries it on', () => {
  fc.assert(
    fc.property(busy, (given) => {
      const hanging = follow(given).filter(({ stage, asked }) => {
        const driver = drivers[stage.state];
        return driver !== undefined && !asked.includes(driver);
      });
      expect(hanging).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

it('given any commands, then an attempt, a failure and a floor say what the state says', () => {
  fc.assert(
    fc.property(busy, (given) => {
      for (const { stage } of follow(given)) {
        const { attempt, failure, floor, running } = stage.context;
        const isTrying = ['downloading', 'verifying', 'staged', 'activating', 'probation'].includes(
          stage.state,
        );
        expect(attempt !== null).toBe(isTrying);
        expect(failure !== null).toBe(stage.state === 'rollingBack');
        expect(floor).toBeGreaterThanOrEqual(Math.max(attempt?.assignment ?? 0, running?.assignment ?? 0));
      }
    }),
    { numRuns: 300 },
  );
});
