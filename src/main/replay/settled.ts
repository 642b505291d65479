import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

/** Something that the site clock waits for. */
export interface Holder {
  /** For the log. */
  readonly name: string;
  /** Machine time after which the clock goes on all the same, as it would at the site; null to wait for ever. */
  readonly patienceMs: number | null;
  /** What is under way, in a few words; null when nothing is. */
  holds(): string | null | Promise<string | null>;
}

export interface SettleOptions {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Told what is waited for, again and again while it is. */
  readonly onWait: (reason: string) => void;
}

const SHORTEST_LOOK_MS = 1;
const LONGEST_LOOK_MS = 100;
/** What is over within this is no wait that anybody need see. */
const SHOWN_AFTER_MS = 250;

/** Resolves when nothing due is unfinished, or the signal aborts: until then the site clock stands still. */
export async function settled(holders: readonly Holder[], options: SettleOptions): Promise<void> {
  const { signal, logger, onWait } = options;
  for (const holder of holders) {
    const began = performance.now();
    let pause = SHORTEST_LOOK_MS;
    for (let reason = await holder.holds(); reason !== null; reason = await holder.holds()) {
      if (signal.aborted) return;
      const waited = performance.now() - began;
      if (holder.patienceMs !== null && waited > holder.patienceMs) {
        logger.warn({ holder: holder.name, reason, waited }, 'the site clock goes on without this');
        break;
      }
      if (waited > SHOWN_AFTER_MS) onWait(reason);
      await sleep(pause);
      pause = Math.min(LONGEST_LOOK_MS, pause * 1.5);
    }
  }
}
