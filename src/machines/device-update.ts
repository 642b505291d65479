import type { DeviceJournalFact } from '../events/device-journal.ts';
import { isForgettable, isNewsOfWithdrawal, isServing, isWatched } from './device-update-guards.ts';
import type {
  DeviceUpdateCommand,
  DeviceUpdateContext,
  DeviceUpdateStage,
  DeviceUpdateState,
} from './device-update-model.ts';
import { atLeast, deviceUpdateTable } from './device-update-table.ts';
import { illegal, lifecycleOf } from './table.ts';

/**
 * A device and its models: one endless history for an installation. Whatever the instant of a power cut, the
 * pending effect of the last fact either finishes the step or takes it back, and `forecast.onnx` is whole.
 */

const at = (
  { state, context }: DeviceUpdateStage,
  states: readonly DeviceUpdateState[],
  assignment: number,
) => states.includes(state) && context.attempt?.assignment === assignment;

/** What is told too late, of an attempt or model that is no longer the one at work, makes no fact. */
const unlessLate = (timely: boolean, fact: DeviceJournalFact): readonly DeviceJournalFact[] =>
  timely ? [fact] : [];

function withdrawalFacts({ context }: DeviceUpdateStage, assignment: number): readonly DeviceJournalFact[] {
  return unlessLate(isNewsOfWithdrawal(context, assignment), {
    type: 'UpdateWithdrawn',
    data: { assignment: atLeast(context, assignment) },
  });
}

const isPlacing = (state: DeviceUpdateState): boolean => state === 'staged' || state === 'activating';

/** While files move, a failure of the model that is being replaced or taken back changes nothing. */
function failureFacts(
  { state, context }: DeviceUpdateStage,
  assignment: number,
  reason: string,
): readonly DeviceJournalFact[] {
  const serves = isServing(context, assignment) && !isPlacing(state) && state !== 'rollingBack';
  return unlessLate(serves, { type: 'ModelFailed', data: { assignment, reason } });
}

/** Makes no fact where there is nothing to go back to: a site without any model is worse off. */
function takeBackFacts(
  { context: { running, previous } }: DeviceUpdateStage,
  reason: string,
): readonly DeviceJournalFact[] {
  if (running === null || previous === null) return [];
  return [{ type: 'ModelTakenBack', data: { assignment: running.assignment, reason } }];
}

function facts(command: DeviceUpdateCommand, stage: DeviceUpdateStage): readonly DeviceJournalFact[] {
  const { context } = stage;
  switch (command.type) {
    case 'assign':
      return [{ type: 'UpdateAssigned', data: { target: command.target } }];
    case 'refuse':
      return [{ type: 'AssignmentRefused', data: { target: command.target, reason: command.reason } }];
    case 'confirm-running': {
      const { target, inferenceMs, watchUntil } = command;
      return [{ type: 'RunningConfirmed', data: { target, inferenceMs, watchUntil } }];
    }
    case 'withdraw':
      return withdrawalFacts(stage, command.assignment);
    case 'record-download':
      return unlessLate(at(stage, ['downloading'], command.assignment), {
        type: 'ModelDownloaded',
        data: { bytes: command.bytes },
      });
    case 'record-verification':
      return unlessLate(at(stage, ['verifying'], command.assignment), {
        type: 'ModelVerified',
        data: { layoutVersion: command.layoutVersion },
      });
    case 'begin-activation':
      return unlessLate(at(stage, ['staged'], command.assignment), {
        type: 'ActivationBegan',
        data: { assignment: command.assignment },
      });
    case 'record-swap':
      return unlessLate(at(stage, ['activating'], command.assignment), {
        type: 'ModelSwapped',
        data: { previousVersion: context.running?.version ?? null },
      });
    case 'record-proof':
      return unlessLate(at(stage, ['probation'], command.assignment), {
        type: 'ModelProven',
        data: { inferenceMs: command.inferenceMs, watchUntil: command.watchUntil },
      });
    case 'reject':
      return unlessLate(at(stage, ['downloading', 'verifying', 'staged', 'activating'], command.assignment), {
        type: 'UpdateRejected',
        data: { reason: command.reason },
      });
    case 'fail':
      return failureFacts(stage, command.assignment, command.reason);
    case 'take-back':
      return takeBackFacts(stage, command.reason);
    case 'record-restoration':
      return unlessLate(context.failure?.model.assignment === command.assignment, {
        type: 'PreviousRestored',
        data: { runningVersion: command.restored ? (context.previous?.version ?? null) : null },
      });
    case 'forget-previous':
      return unlessLate(isForgettable(context, command.assignment) && readsDesiredState(stage), {
        type: 'PreviousForgotten',
        data: { assignment: command.assignment },
      });
    case 'end-watch':
      return unlessLate(isWatched(context, command.assignment) && !isMoving(stage), {
        type: 'WatchPassed',
        data: { assignment: command.assignment },
      });
  }
}

/** A proof or a rollback is in progress: what runs is in question. */
const isMoving = ({ state }: DeviceUpdateStage): boolean => state === 'probation' || state === 'rollingBack';

export const deviceUpdate = lifecycleOf<
  DeviceUpdateState,
  DeviceUpdateCommand,
  DeviceJournalFact,
  DeviceUpdateContext
>({
  name: 'device-update',
  version: 4,
  streamType: 'device-journal',
  initial: 'idle',
  context: { floor: 0, running: null, previous: null, attempt: null, failure: null, outcome: null },
  table: deviceUpdateTable,
  commands: {
    assign: ['UpdateAssigned'],
    refuse: ['AssignmentRefused'],
    'confirm-running': ['RunningConfirmed'],
    withdraw: ['UpdateWithdrawn'],
    'record-download': ['ModelDownloaded'],
    'record-verification': ['ModelVerified'],
    'begin-activation': ['ActivationBegan'],
    'record-swap': ['ModelSwapped'],
    'record-proof': ['ModelProven'],
    reject: ['UpdateRejected'],
    fail: ['ModelFailed'],
    'take-back': ['ModelTakenBack'],
    'record-restoration': ['PreviousRestored'],
    'end-watch': ['WatchPassed'],
    'forget-previous': ['PreviousForgotten'],
  },
  groups: {
    settled: ['idle', 'downloading', 'verifying', 'watching', 'active', 'rolledback', 'rejected'],
  },
  facts,
  registry: () => [],
});

/** Whether a new desired state can be acted upon now, or must wait until files have stopped moving. */
export const readsDesiredState = (stage: DeviceUpdateStage): boolean =>
  deviceUpdateTable[stage.state].UpdateAssigned !== illegal;
