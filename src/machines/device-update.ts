import type { DeviceJournalFact } from '../events/device-journal.ts';
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
  const floor = atLeast(context, assignment);
  const news = context.attempt !== null || floor > context.floor;
  return unlessLate(news, { type: 'UpdateWithdrawn', data: { assignment: floor } });
}

/** While files move, a failure of the model that is being replaced or taken back changes nothing. */
function failureFacts(
  { state, context }: DeviceUpdateStage,
  assignment: number,
  reason: string,
): readonly DeviceJournalFact[] {
  const serves =
    context.running?.assignment === assignment && state !== 'activating' && state !== 'rollingBack';
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
      return unlessLate(at(stage, ['downloading', 'verifying', 'activating'], command.assignment), {
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
      return unlessLate(isForgettable(stage, command.assignment), {
        type: 'PreviousForgotten',
        data: { assignment: command.assignment },
      });
    case 'end-watch':
      return unlessLate(watchedModel(stage) === command.assignment, {
        type: 'WatchPassed',
        data: { assignment: command.assignment },
      });
  }
}

/** Assignment of the running model while it is watched and no proof or rollback is in progress. */
function watchedModel({ state, context: { running } }: DeviceUpdateStage): number | null {
  const moving = state === 'probation' || state === 'rollingBack';
  return moving || running === null || running.watchUntil === null ? null : running.assignment;
}

/** Nothing moves, and what runs is past its watch: it will hardly be taken back. */
function isForgettable(stage: DeviceUpdateStage, assignment: number): boolean {
  const { running, previous } = stage.context;
  return previous?.assignment === assignment && running?.watchUntil === null && readsDesiredState(stage);
}

export const deviceUpdate = lifecycleOf<
  DeviceUpdateState,
  DeviceUpdateCommand,
  DeviceJournalFact,
  DeviceUpdateContext
>({
  name: 'device-update',
  version: 3,
  streamType: 'device-journal',
  initial: 'idle',
  context: { floor: 0, running: null, previous: null, attempt: null, failure: null, outcome: null },
  table: deviceUpdateTable,
  facts,
  registry: () => [],
});

/** Whether a new desired state can be acted upon now, or must wait until files have stopped moving. */
export const readsDesiredState = (stage: DeviceUpdateStage): boolean =>
  deviceUpdateTable[stage.state].UpdateAssigned !== illegal;
