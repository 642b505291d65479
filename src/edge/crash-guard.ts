import type { DeviceStore } from '../ports/device-store.ts';

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

const SETTING = 'model-in-use';

export function createCrashGuard(store: Pick<DeviceStore, 'setting' | 'saveSetting'>): CrashGuard {
  /** Uses without an end so far. */
  function unended(assignment: number): number {
    const [whose, count] = (store.setting(SETTING) ?? '').split(' ');
    return whose === String(assignment) ? Number(count) : 0;
  }
  const note = (assignment: number, count: number): void =>
    store.saveSetting(SETTING, `${assignment} ${count}`);

  return {
    async run(assignment, work) {
      const crashes = unended(assignment);
      if (crashes >= MOST_CRASHES) {
        // Taken back now; should it be assigned again, it begins anew.
        note(assignment, 0);
        throw new ModelCrashes(assignment);
      }
      note(assignment, crashes + 1);
      try {
        return await work();
      } finally {
        note(assignment, 0);
      }
    },
  };
}
