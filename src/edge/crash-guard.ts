import type { Logger } from 'pino';
import type { DeviceStore } from '../ports/device-store.ts';
import { messageOf } from './refusals.ts';

/** Uses of a model that ended with the process, in a row, after which it is not used again. */
const MOST_CRASHES = 3;

/** The model took the process down with it, again and again. */
export class ModelCrashes extends Error {
  override readonly name = 'ModelCrashes';
  readonly assignment: number;

  constructor(assignment: number) {
    super(`the process ended ${MOST_CRASHES} times in a row while this model was at work`);
    this.assignment = assignment;
  }
}

/** Counts uses of a model that had a beginning and no end: no error can tell of them, only the next start. */
export interface CrashGuard {
  /**
   * Runs `work` with the model of an assignment. Rejects with `ModelCrashes`, without running it, when the last uses
   * all ended with the process.
   */
  run<Result>(assignment: number, work: () => Promise<Result>): Promise<Result>;
}

export interface CrashGuardOptions {
  readonly store: Pick<DeviceStore, 'setting' | 'saveSetting'>;
  readonly logger: Logger;
}

const SETTING = 'model-in-use';

/** One for the whole process: what ended under its eyes needs no disk to be known. */
export function createCrashGuard({ store, logger }: CrashGuardOptions): CrashGuard {
  const [whose = '', found = '0'] = (store.setting(SETTING) ?? '').split(' ');
  let crashes = { assignment: Number(whose), count: Number(found) };

  /** A full disk costs the count, not the forecast. */
  function note(assignment: number, count: number): void {
    try {
      store.saveSetting(SETTING, `${assignment} ${count}`);
    } catch (error) {
      logger.warn({ assignment, reason: messageOf(error) }, 'a use of the model could not be counted');
    }
  }

  return {
    async run(assignment, work) {
      const before = crashes.assignment === assignment ? crashes.count : 0;
      // Taken back now; should it be assigned again, it begins anew.
      crashes = { assignment, count: 0 };
      if (before >= MOST_CRASHES) {
        note(assignment, 0);
        throw new ModelCrashes(assignment);
      }
      note(assignment, before + 1);
      try {
        return await work();
      } finally {
        note(assignment, 0);
      }
    },
  };
}
