import type { Logger } from 'pino';
import type { Clock } from '../ports/clocks.ts';
import type { DeviceStore } from '../ports/device-store.ts';
import type { DeviceJournal } from './journal.ts';

export interface RetentionOptions {
  readonly journal: DeviceJournal;
  readonly store: Pick<DeviceStore, 'journal'>;
  /** Site clock, as far as the device believes it. */
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Gives the previous model up once it was kept long enough. */
export interface Retention {
  consider(): void;
}

/** How long the model before is kept after another took its place. */
const KEPT_MS = 30 * 24 * 3_600_000;

export function createRetention({ journal, store, clock, logger }: RetentionOptions): Retention {
  let known = { assignment: 0, since: Number.NaN };

  /** When the previous model stopped being current (epoch ms), by the journal. */
  function since(assignment: number): number {
    if (known.assignment !== assignment) {
      const swap = store.journal().findLast(({ fact }) => fact.type === 'ModelSwapped');
      known = { assignment, since: Date.parse(swap?.at ?? '') };
    }
    return known.since;
  }

  return {
    consider() {
      const { previous, running } = journal.stage().context;
      if (previous === null || running?.watchUntil !== null) return;
      const { assignment, version } = previous;
      if (!(clock.now().getTime() - since(assignment) >= KEPT_MS)) return;
      const facts = journal.apply({ type: 'forget-previous', assignment });
      if (facts.length > 0)
        logger.info({ version }, 'the previous model was kept for 30 days and is removed');
    },
  };
}
