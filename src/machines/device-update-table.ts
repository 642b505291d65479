import type { Assignment, DeviceJournalFact } from '../events/device-journal.ts';
import {
  downloadModel,
  endWatch,
  proveModel,
  removePrevious,
  restorePrevious,
  sendAnswer,
  swapModel,
  verifyModel,
} from './device-update-effects.ts';
import {
  attemptAtWork,
  beingTakenBack,
  beingWatched,
  modelServes,
  newsOfWithdrawal,
  ofWhatServes,
  previousThere,
  watchOver,
} from './device-update-guards.ts';
import type {
  AttemptOutcome,
  AttemptStatus,
  DeviceUpdateContext,
  DeviceUpdateState,
  InstalledModel,
} from './device-update-model.ts';
import { illegal, type TransitionTable } from './table.ts';

/** What every state of a device's update machine does with every fact. */

type DataOf<Type extends DeviceJournalFact['type']> = Extract<DeviceJournalFact, { type: Type }>['data'];
const installed = (target: Assignment): InstalledModel => ({
  deploymentId: target.deploymentId,
  assignment: target.assignment,
  version: target.version,
  modelType: target.modelType,
  artifact: target.artifact,
  watchUntil: null,
});

const ended = (
  { deploymentId, assignment, version }: Assignment | InstalledModel,
  status: AttemptStatus,
  more: { readonly reason?: string; readonly inferenceMs?: number },
): AttemptOutcome => ({
  deploymentId,
  assignment,
  version,
  status,
  reason: more.reason ?? null,
  inferenceMs: more.inferenceMs ?? null,
});

export const atLeast = (context: DeviceUpdateContext, assignment: number): number =>
  Math.max(context.floor, assignment);

const assigned = {
  to: 'downloading',
  update: (context: DeviceUpdateContext, { target }: DataOf<'UpdateAssigned'>) => ({
    ...context,
    floor: atLeast(context, target.assignment),
    attempt: target,
    outcome: null,
  }),
  effects: [downloadModel],
} as const;

const refused = {
  to: 'rejected',
  update: (context: DeviceUpdateContext, { target, reason }: DataOf<'AssignmentRefused'>) => ({
    ...context,
    floor: atLeast(context, target.assignment),
    attempt: null,
    outcome: ended(target, 'rejected', { reason }),
  }),
  effects: [sendAnswer],
} as const;

const confirmed = {
  to: 'watching',
  update: (context: DeviceUpdateContext, data: DataOf<'RunningConfirmed'>) => ({
    ...context,
    floor: atLeast(context, data.target.assignment),
    running: { ...installed(data.target), watchUntil: data.watchUntil },
    attempt: null,
    outcome: ended(data.target, 'active', { inferenceMs: data.inferenceMs }),
  }),
  effects: [sendAnswer, endWatch],
} as const;

const swapped = {
  to: 'probation',
  update: (context: DeviceUpdateContext) => ({
    ...context,
    previous: context.running,
    running: context.attempt && installed(context.attempt),
  }),
  effects: [proveModel],
  guards: [attemptAtWork],
} as const;

const rejected = {
  to: 'rejected',
  update: (context: DeviceUpdateContext, { reason }: DataOf<'UpdateRejected'>) => ({
    ...context,
    attempt: null,
    outcome: context.attempt && ended(context.attempt, 'rejected', { reason }),
  }),
  effects: [sendAnswer],
  guards: [attemptAtWork],
} as const;

/** An attempt that had not reached the disk is dropped; the desired state is read again once all is settled. */
const failed = {
  to: 'rollingBack',
  update: (context: DeviceUpdateContext, { reason }: DataOf<'ModelFailed'>) => ({
    ...context,
    attempt: null,
    failure: context.running && { model: context.running, reason },
  }),
  effects: [restorePrevious],
  guards: [modelServes, ofWhatServes],
} as const;

/** A person on site, who has something to go back to. */
const takenBack = { ...failed, guards: [modelServes, previousThere, ofWhatServes] } as const;

const restored = (context: DeviceUpdateContext, { runningVersion }: DataOf<'PreviousRestored'>) => ({
  ...context,
  running: runningVersion === null ? null : context.previous,
  previous: null,
  failure: null,
  outcome: context.failure && ended(context.failure.model, 'rolledback', { reason: context.failure.reason }),
});

const withdrawn = {
  update: (context: DeviceUpdateContext, { assignment }: DataOf<'UpdateWithdrawn'>) => ({
    ...context,
    floor: atLeast(context, assignment),
    attempt: null,
  }),
  guards: [newsOfWithdrawal],
} as const;

const watched = {
  update: (context: DeviceUpdateContext) => ({
    ...context,
    running: context.running && { ...context.running, watchUntil: null },
  }),
  guards: [beingWatched, ofWhatServes],
} as const;

const forgotten = {
  update: (context: DeviceUpdateContext) => ({ ...context, previous: null }),
  effects: [removePrevious],
  guards: [previousThere, watchOver],
} as const;

const nothing = {
  UpdateAssigned: illegal,
  AssignmentRefused: illegal,
  RunningConfirmed: illegal,
  ModelDownloaded: illegal,
  ModelVerified: illegal,
  ModelSwapped: illegal,
  ModelProven: illegal,
  ActivationBegan: illegal,
  WatchPassed: illegal,
  UpdateRejected: illegal,
  ModelFailed: illegal,
  ModelTakenBack: illegal,
  PreviousRestored: illegal,
  PreviousForgotten: illegal,
  UpdateWithdrawn: illegal,
} as const;

/** No file is being moved: a new desired state is read, and the running model may fail or get through its watch. */
const settled = <State extends DeviceUpdateState>(state: State) =>
  ({
    ...nothing,
    UpdateAssigned: assigned,
    AssignmentRefused: refused,
    RunningConfirmed: confirmed,
    WatchPassed: { to: state, ...watched },
    ModelFailed: failed,
    ModelTakenBack: takenBack,
    PreviousForgotten: { to: state, ...forgotten },
    UpdateWithdrawn: { to: state, ...withdrawn },
  }) as const;

export const deviceUpdateTable: TransitionTable<DeviceUpdateState, DeviceJournalFact, DeviceUpdateContext> = {
  idle: settled('idle'),
  downloading: {
    ...settled('downloading'),
    ModelDownloaded: { to: 'verifying', effects: [verifyModel], guards: [attemptAtWork] },
    UpdateRejected: rejected,
    UpdateWithdrawn: { to: 'idle', ...withdrawn },
  },
  verifying: {
    ...settled('verifying'),
    ModelVerified: { to: 'staged', effects: [swapModel], guards: [attemptAtWork] },
    UpdateRejected: rejected,
    UpdateWithdrawn: { to: 'idle', ...withdrawn },
  },
  staged: {
    ...nothing,
    ActivationBegan: { to: 'activating', guards: [attemptAtWork] },
    // Histories from before the beginning of an activation was a fact.
    ModelSwapped: swapped,
    WatchPassed: { to: 'staged', ...watched },
    UpdateRejected: rejected,
  },
  activating: {
    ...nothing,
    ModelSwapped: swapped,
    WatchPassed: { to: 'activating', ...watched },
    // The downloaded file was lost or damaged before it could take its place: what serves stays.
    UpdateRejected: rejected,
  },
  probation: {
    ...nothing,
    ModelProven: {
      to: 'watching',
      update: (context, { inferenceMs, watchUntil }) => ({
        ...context,
        attempt: null,
        running: context.running && { ...context.running, watchUntil },
        outcome: context.running && ended(context.running, 'active', { inferenceMs }),
      }),
      effects: [sendAnswer, endWatch],
      guards: [modelServes],
    },
    ModelFailed: failed,
  },
  watching: { ...settled('watching'), WatchPassed: { to: 'active', ...watched } },
  active: settled('active'),
  rollingBack: {
    ...nothing,
    PreviousRestored: {
      to: 'rolledback',
      update: restored,
      effects: [sendAnswer, endWatch],
      guards: [beingTakenBack],
    },
  },
  rolledback: settled('rolledback'),
  rejected: settled('rejected'),
};
