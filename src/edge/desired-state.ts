import type { Logger } from 'pino';
import type { Assignment } from '../events/device-journal.ts';
import { readsDesiredState } from '../machines/device-update.ts';
import type { InstalledModel } from '../machines/device-update-model.ts';
import { AssignmentRefused, parseAssignment } from '../ota/assignment.ts';
import type { TrustedKeys } from '../ota/signature.ts';
import type { Clocks } from '../ports/clocks.ts';
import type { DeviceStore } from '../ports/device-store.ts';
import type { DeviceJournal } from './journal.ts';
import { createPause } from './pause.ts';
import { messageOf } from './refusals.ts';
import type { NotedRefusal } from './report.ts';
import type { Situation } from './site-model.ts';

/** Brings the device to the desired state: read at every connection, whenever it changes and once files rest. */
export interface DesiredState {
  /** What the cloud retains now; null when it cleared it. */
  take(payload: Uint8Array | null): void;
  /** Looks at the desired state again: something changed on the device. */
  review(): void;
  refused(): NotedRefusal | null;
  /** It is being followed at this moment. */
  isBusy(): boolean;
  close(): Promise<void>;
}

export interface DesiredStateOptions {
  readonly systemId: string;
  readonly deviceId: string;
  readonly keys: TrustedKeys;
  readonly origins: readonly string[];
  readonly journal: DeviceJournal;
  readonly store: DeviceStore;
  readonly clocks: Clocks;
  readonly logger: Logger;
  /** Runs the serving model once more and resolves with its inference time; rejects when it fails. */
  readonly proveRunning: (situation: Situation) => Promise<number>;
  /** What a forecast of this hour would be made from; rejects when that cannot be told now. */
  readonly situation: () => Promise<Situation>;
  readonly watchUntil: () => string;
  /** Something waits to be sent: an answer again, or a changed report. */
  readonly onNews: () => void;
  /** Called once for each time that a refused desired state came, also where it is the same again. */
  readonly onRefused: (refusal: NotedRefusal) => void;
}

/** An assignment that was read, with what speaks against it; null when nothing does. */
interface Reading {
  readonly assignment: Assignment;
  readonly refusal: AssignmentRefused | null;
}

/** Where too little was measured, each try asks the cloud for readings: not for days every few seconds. */
const PAUSES = { firstMs: 5_000, longestMs: 3_600_000 };

/** What was refused last, and how often it came. */
function createNotes({ logger, onNews, onRefused }: DesiredStateOptions) {
  /** It came and was not looked at yet. */
  let isFresh = false;
  /** What is read anew for another cause was counted when it came. */
  let counts = false;
  let refused: NotedRefusal | null = null;

  return {
    came: () => {
      isFresh = true;
    },
    /** Before what came is looked at. */
    begin: () => {
      counts = isFresh;
      isFresh = false;
    },
    note: (refusal: NotedRefusal | null): void => {
      if (counts && refusal !== null) onRefused(refusal);
      counts = false;
      if (refusal?.refusal === refused?.refusal && refusal?.reason === refused?.reason) return;
      refused = refusal;
      if (refusal !== null) logger.warn({ ...refusal }, 'desired state refused');
      onNews();
    },
    refused: () => refused,
  };
}

export function createDesiredState(options: DesiredStateOptions): DesiredState {
  const { journal, store, clocks, logger, situation, proveRunning, watchUntil, onNews } = options;
  let desired: Uint8Array | null | undefined;
  let isDue = false;
  let busy: Promise<void> | null = null;
  let closed = false;
  const noted = createNotes(options);
  const { note } = noted;
  const pause = createPause(clocks.machine, PAUSES);

  /** Null, and noted, when it is none that this device may believe. */
  async function read(payload: Uint8Array): Promise<Reading | null> {
    const { systemId, deviceId, keys, origins } = options;
    const { floor } = journal.stage().context;
    try {
      const rules = { systemId, deviceId, keys, origins, floor, now: clocks.site.now() };
      return { assignment: await parseAssignment(payload, rules), refusal: null };
    } catch (error) {
      if (!(error instanceof AssignmentRefused)) throw error;
      if (error.assignment !== null) return { assignment: error.assignment, refusal: error };
      note({ refusal: error.refusal, reason: error.message });
      return null;
    }
  }

  /** Null when what serves does not answer any more, and is taken back for it. */
  async function provenAgain(assignment: number): Promise<number | null> {
    // What cannot be told now speaks against no model: it is asked again later.
    const given = await situation();
    try {
      return await proveRunning(given);
    } catch (error) {
      journal.apply({ type: 'fail', assignment, reason: messageOf(error).slice(0, 500) });
      isDue = true;
      return null;
    }
  }

  /** The same file under another deployment: what serves is proven once more and answered for. */
  async function confirm(target: Assignment, running: InstalledModel): Promise<void> {
    const inferenceMs = await provenAgain(running.assignment);
    if (inferenceMs !== null)
      journal.apply({ type: 'confirm-running', target, inferenceMs, watchUntil: watchUntil() });
  }

  function refuse(target: Assignment, { refusal, message }: AssignmentRefused): void {
    note({ refusal, reason: message });
    if (refusal === 'older-assignment') return;
    const reason = `${refusal}: ${message}`.slice(0, 500);
    journal.apply({ type: 'refuse', target, reason });
  }

  /** Whether this desired state was settled before: it runs, or it has its answer, which goes out again. */
  function isSettled({ assignment, deploymentId }: Assignment): boolean {
    const isAnswered = store.answerAgain(assignment);
    if (isAnswered) onNews();
    return isAnswered || journal.stage().context.running?.deploymentId === deploymentId;
  }

  async function follow({ assignment, refusal }: Reading): Promise<void> {
    if (journal.stage().context.attempt?.assignment === assignment.assignment) return;
    if (isSettled(assignment)) {
      note(null);
      journal.apply({ type: 'withdraw', assignment: assignment.assignment });
    } else if (refusal !== null) refuse(assignment, refusal);
    else await pursue(assignment);
  }

  async function pursue(target: Assignment): Promise<void> {
    note(null);
    const { running } = journal.stage().context;
    if (running?.artifact.checksum === target.artifact.checksum) await confirm(target, running);
    else journal.apply({ type: 'assign', target });
  }

  async function reconcile(payload: Uint8Array | null): Promise<void> {
    if (payload === null) {
      note(null);
      journal.apply({ type: 'withdraw', assignment: journal.stage().context.floor });
      return;
    }
    const reading = await read(payload);
    if (reading !== null && readsDesiredState(journal.stage())) await follow(reading);
    else if (reading !== null) isDue = true;
  }

  function review(): void {
    if (closed || busy !== null || desired === undefined || !isDue) return;
    if (!pause.isOver() || !readsDesiredState(journal.stage())) return;
    isDue = false;
    noted.begin();
    busy = reconcile(desired)
      .then(pause.end, (error: unknown) => {
        isDue = true;
        const reason = messageOf(error);
        if (pause.begin(reason))
          logger.error({ reason }, 'the desired state could not be followed, it is read again');
      })
      .finally(() => {
        busy = null;
      });
  }

  let before = journal.stage();
  const unsubscribe = journal.onChange((stage) => {
    // The serving model failed under a download: what was dropped for it is wanted still.
    const dropped = stage.state === 'rollingBack' && before.state !== 'probation' && before.context.attempt;
    if (dropped) isDue = true;
    before = stage;
  });

  return {
    take(payload) {
      desired = payload;
      isDue = true;
      pause.end();
      noted.came();
      review();
    },
    review,
    refused: noted.refused,
    isBusy: () => busy !== null,
    async close() {
      closed = true;
      unsubscribe();
      await busy;
    },
  };
}
