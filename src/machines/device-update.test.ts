import { describe, expect, it } from 'vitest';
import { assertFact } from '../events/catalogue.ts';
import { type Assignment, type DeviceJournalFact, deviceJournalFacts } from '../events/device-journal.ts';
import { deviceUpdate, readsDesiredState } from './device-update.ts';
import type { DeviceUpdateCommand, DeviceUpdateStage } from './device-update-model.ts';
import { IllegalCommand, IllegalFact } from './lifecycle.ts';

const at = new Date('2026-01-05T06:00:00Z');
const watchUntil = '2026-01-06T06:00:00Z';

const target = (assignment: number, minor = assignment): Assignment => ({
  deploymentId: `dep-${assignment}`,
  assignment,
  version: `1.${minor}.0`,
  modelType: 'ensemble',
  url: `https://models.example.com/bess-456/v1.${minor}.0.onnx`,
  artifact: { checksum: `sha256:${String(minor).repeat(64).slice(0, 64)}`, size: 1000 },
  expires: '2026-01-12T06:00:00Z',
});

/** Runs commands from the start; the requested effects are those of the last command. */
function given(...commands: DeviceUpdateCommand[]) {
  let stage: DeviceUpdateStage = deviceUpdate.initial;
  let effects: readonly { type: string; data: unknown; due?: unknown }[] = [];
  let facts: readonly DeviceJournalFact[] = [];
  for (const command of commands) {
    facts = deviceUpdate.decide(stage, command, at);
    effects = [];
    for (const fact of facts) {
      assertFact('device-journal-dev-1-i1', fact);
      const [next, requested] = deviceUpdate.step(stage, fact);
      stage = next;
      effects = [...effects, ...requested];
    }
  }
  return { stage, effects, facts, types: effects.map(({ type }) => type) };
}

const assign = (n: number, minor = n): DeviceUpdateCommand => ({ type: 'assign', target: target(n, minor) });
const downloaded = (n: number): DeviceUpdateCommand => ({
  type: 'record-download',
  assignment: n,
  bytes: 1000,
});
const verified = (n: number): DeviceUpdateCommand => ({
  type: 'record-verification',
  assignment: n,
  layoutVersion: 1,
});
const swapped = (n: number): DeviceUpdateCommand => ({ type: 'record-swap', assignment: n });
const proven = (n: number): DeviceUpdateCommand => ({
  type: 'record-proof',
  assignment: n,
  inferenceMs: 2,
  watchUntil,
});
const failed = (n: number): DeviceUpdateCommand => ({ type: 'fail', assignment: n, reason: 'NaN' });
const restored = (n: number, back = true): DeviceUpdateCommand => ({
  type: 'record-restoration',
  assignment: n,
  restored: back,
});
const reject = (n: number): DeviceUpdateCommand => ({ type: 'reject', assignment: n, reason: 'checksum' });
const endWatch = (n: number): DeviceUpdateCommand => ({ type: 'end-watch', assignment: n });
const begun = (n: number): DeviceUpdateCommand => ({ type: 'begin-activation', assignment: n });
const install = (n: number) => [assign(n), downloaded(n), verified(n), begun(n), swapped(n), proven(n)];

describe('device-update', () => {
  it('given nothing, when a model is assigned, then it is downloaded', () => {
    const { stage, effects } = given(assign(1));
    expect(stage.state).toBe('downloading');
    expect(stage.context.floor).toBe(1);
    expect(effects).toEqual([{ type: 'download-model', lane: 'slow', data: { target: target(1) } }]);
  });

  it('given a download, when each step succeeds, then the next is requested', () => {
    expect(given(assign(1), downloaded(1)).types).toEqual(['verify-model']);
    expect(given(assign(1), downloaded(1), verified(1)).effects).toEqual([
      { type: 'swap-model', lane: 'quick', data: { target: target(1), running: null } },
    ]);
    const swap = given(assign(1), downloaded(1), verified(1), begun(1), swapped(1));
    expect(swap.stage.state).toBe('probation');
    expect(swap.effects).toMatchObject([{ type: 'prove-model', data: { model: { version: '1.1.0' } } }]);
  });

  it('given probation, when the model is proven, then it is answered and watched for its time', () => {
    const { stage, effects } = given(...install(1));
    expect(stage.state).toBe('watching');
    expect(effects).toMatchObject([
      {
        type: 'send-answer',
        data: { status: 'active', assignment: 1, runningVersion: '1.1.0', inferenceMs: 2 },
      },
      { type: 'end-watch', data: { assignment: 1 }, due: { clock: 'site', at: watchUntil } },
    ]);
    expect(given(...install(1), endWatch(1)).stage.state).toBe('active');
  });

  it('given a first model, when it fails its proof, then nothing runs and the cloud is told why', () => {
    const { stage, effects } = given(...install(1).slice(0, 5), failed(1), restored(1, false));
    expect(stage.state).toBe('rolledback');
    expect(stage.context.running).toBeNull();
    expect(effects).toMatchObject([
      { type: 'send-answer', data: { status: 'rolledback', reason: 'NaN', runningVersion: null } },
    ]);
  });

  it('given a second model, when it fails its proof, then the first is restored and its watch goes on', () => {
    const failing = given(...install(1), ...install(2).slice(0, 5), failed(2));
    expect(failing.effects).toMatchObject([
      { type: 'restore-previous', data: { failed: { version: '1.2.0' }, previous: { version: '1.1.0' } } },
    ]);
    const { stage, effects } = given(...install(1), ...install(2).slice(0, 5), failed(2), restored(2));
    expect(stage.context.running).toMatchObject({ version: '1.1.0', watchUntil });
    expect(effects).toMatchObject([
      { type: 'send-answer', data: { status: 'rolledback', assignment: 2, runningVersion: '1.1.0' } },
      { type: 'end-watch', data: { assignment: 1 } },
    ]);
  });

  it('given a model past its watch, when it fails later, then it is taken back all the same', () => {
    const history = [...install(1), endWatch(1), ...install(2), endWatch(2)];
    expect(given(...history).stage.state).toBe('active');
    const { stage, effects } = given(...history, failed(2), restored(2));
    expect(stage.context.running?.version).toBe('1.1.0');
    expect(effects).toMatchObject([{ type: 'send-answer', data: { status: 'rolledback', assignment: 2 } }]);
  });

  it('given a running model, when a new one is rejected, then the running one stays', () => {
    for (const steps of [install(2).slice(0, 1), install(2).slice(0, 2), install(2).slice(0, 3)]) {
      const { stage, effects } = given(...install(1), ...steps, reject(2));
      expect(stage.state).toBe('rejected');
      expect(stage.context.running?.version).toBe('1.1.0');
      expect(effects).toMatchObject([
        { type: 'send-answer', data: { status: 'rejected', reason: 'checksum', runningVersion: '1.1.0' } },
      ]);
    }
  });

  it('given an attempt in progress, when a newer assignment comes, then it takes its place', () => {
    const { stage, effects } = given(assign(1), downloaded(1), assign(2));
    expect(stage.state).toBe('downloading');
    expect(effects).toMatchObject([{ type: 'download-model', data: { target: { assignment: 2 } } }]);
    expect(given(assign(1), downloaded(1), assign(2), verified(1)).facts).toEqual([]);
    expect(given(assign(1), assign(2), reject(1)).facts).toEqual([]);
  });

  it('given files in motion, when a newer assignment comes, then it waits', () => {
    const moving = [
      given(assign(1), downloaded(1), verified(1)),
      given(...install(1).slice(0, 5)),
      given(...install(1).slice(0, 5), failed(1)),
    ];
    for (const { stage } of moving) {
      expect(readsDesiredState(stage)).toBe(false);
      expect(() => deviceUpdate.decide(stage, assign(2), at)).toThrow(IllegalCommand);
    }
  });

  it('given a running model, when it fails while another is fetched, then it is restored and the attempt dropped', () => {
    const { stage } = given(...install(1), ...install(2), assign(3), failed(2), restored(2));
    expect(stage.state).toBe('rolledback');
    expect(stage.context).toMatchObject({ attempt: null, floor: 3, running: { version: '1.1.0' } });
    expect(given(...install(1), assign(2), failed(1), restored(1, false), assign(2)).types).toEqual([
      'download-model',
    ]);
  });

  it('given an attempt, when the desired state is withdrawn, then it is over and no answer is due', () => {
    const { stage, effects } = given(...install(1), assign(2), { type: 'withdraw', assignment: 3 });
    expect(stage).toMatchObject({ state: 'idle', context: { floor: 3, running: { version: '1.1.0' } } });
    expect(effects).toEqual([]);
    expect(given(...install(1), { type: 'withdraw', assignment: 1 }).facts).toEqual([]);
    expect(given(...install(1), { type: 'withdraw', assignment: 2 }).stage.state).toBe('watching');
  });

  it('given a running model, when another deployment names the same file, then that one is answered active', () => {
    const same = target(2, 1);
    const { stage, types } = given(...install(1), {
      type: 'confirm-running',
      target: same,
      inferenceMs: 1,
      watchUntil,
    });
    expect(stage).toMatchObject({ state: 'watching', context: { running: { deploymentId: 'dep-2' } } });
    expect(types).toEqual(['send-answer', 'end-watch']);
  });

  it('given any settled state, when an assignment is not to be tried, then it is answered rejected', () => {
    const { stage, effects } = given(...install(1), assign(2), {
      type: 'refuse',
      target: target(3),
      reason: 'expired',
    });
    expect(stage).toMatchObject({ state: 'rejected', context: { floor: 3, attempt: null } });
    expect(effects).toMatchObject([{ data: { status: 'rejected', assignment: 3, reason: 'expired' } }]);
  });

  it('given a watch that outlived its model, when it ends, then nothing happens', () => {
    expect(given(...install(1), ...install(2), endWatch(1)).facts).toEqual([]);
    expect(given(...install(1), assign(2), endWatch(1)).stage.context.running?.watchUntil).toBeNull();
    expect(given(...install(1), ...install(2).slice(0, 5), endWatch(1)).facts).toEqual([]);
  });

  it('says for every state and every fact whether it can happen', () => {
    const facts = Object.keys(deviceJournalFacts).sort();
    for (const { name } of deviceUpdate.definition.states) {
      const stage = { ...deviceUpdate.initial, state: name as DeviceUpdateStage['state'] };
      const legal = deviceUpdate.legalFacts(stage);
      expect(facts).toEqual(expect.arrayContaining([...legal]));
      for (const type of facts.filter((fact) => !legal.includes(fact)))
        expect(() => deviceUpdate.step(stage, { type, data: {} } as DeviceJournalFact)).toThrow(IllegalFact);
    }
  });

  it('given a previous model, when it was kept long enough, then it is forgotten only past the watch of what runs', () => {
    const forget: DeviceUpdateCommand = { type: 'forget-previous', assignment: 1 };
    const watched = [...install(1), endWatch(1), ...install(2)];
    expect(given(...watched, forget).facts).toEqual([]);
    expect(given(...watched, endWatch(2), ...install(3).slice(0, 5), forget).facts).toEqual([]);
    const { stage, types } = given(...watched, endWatch(2), forget);
    expect(stage).toMatchObject({
      state: 'active',
      context: { previous: null, running: { version: '1.2.0' } },
    });
    expect(types).toEqual(['remove-previous']);
    expect(given(...watched, endWatch(2), forget, { type: 'take-back', reason: 'x' }).facts).toEqual([]);
  });

  it('requests only effects of its own', () => {
    const types = deviceUpdate.definition.states.flatMap(({ transitions }) =>
      transitions.flatMap(({ effects }) => effects),
    );
    expect(new Set(types)).toEqual(
      new Set([
        'download-model',
        'verify-model',
        'swap-model',
        'prove-model',
        'restore-previous',
        'send-answer',
        'end-watch',
        'remove-previous',
      ]),
    );
    for (const type of types) expect(type).not.toMatch(/^xstate\./);
  });
});
