import type { Clock } from '../ports/clocks.ts';
import type { DataLevel } from './data-budget.ts';

/** What can wait when a month's data runs short; answers and the device's state never do. */
type Patient = 'journal' | 'telemetry' | 'forecast';

/** Says when what can wait may go. */
export interface SendPace {
  /** Asked when something of this kind waits: whether it may go now. */
  mayGo(kind: Patient): boolean;
}

const HOUR_MS = 3_600_000;
/** Once a batch has begun, all that waits goes with it. */
const BATCH_MS = 60_000;

/** Hours from one batch to the next. Readings are what the site's models learn from: they go on once a day. */
const PAUSES: Readonly<Record<DataLevel, Readonly<Record<Patient, number>>>> = {
  within: { journal: 0, telemetry: 0, forecast: 0 },
  near: { journal: 6, telemetry: 6, forecast: 6 },
  spent: { journal: Number.POSITIVE_INFINITY, telemetry: 24, forecast: Number.POSITIVE_INFINITY },
};

/** Larger batches from 80 % of the month's data on; with all of it used, forecasts and the journal wait. */
export function createSendPace(level: () => DataLevel, steady: Clock): SendPace {
  const begun = new Map<Patient, number>();
  return {
    mayGo(kind) {
      const pause = PAUSES[level()][kind] * HOUR_MS;
      const now = steady.now().getTime();
      const since = now - (begun.get(kind) ?? Number.NEGATIVE_INFINITY);
      if (since < BATCH_MS) return true;
      // At the end of the data not even the first batch goes.
      if (!Number.isFinite(pause) || since < pause) return false;
      begun.set(kind, now);
      return true;
    },
  };
}
