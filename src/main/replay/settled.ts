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

/** Waits until a holder lets go, its patience ends, or the signal aborts; answers whether it held at all. */
async function released(holder: Holder, { signal, logger, onWait }: SettleOptions): Promise<boolean> {
  const { name, patienceMs } = holder;
  const began = performance.now();
  let pause = SHORTEST_LOOK_MS;
  for (let reason = await holder.holds(); reason !== null; reason = await holder.holds()) {
    const waited = performance.now() - began;
    if (signal.aborted) return false;
    if (patienceMs !== null && waited > patienceMs) {
      logger.warn({ holder: name, reason, waited }, 'the site clock goes on without this');
      return false;
    }
    if (waited > SHOWN_AFTER_MS) onWait(reason);
    await sleep(pause);
    pause = Math.min(LONGEST_LOOK_MS, pause * 1.5);
  }
  return pause > SHORTEST_LOOK_MS;
}

/** Looks at each in turn, and at all anew after one that held: what it did may have given another something to do. */
export async function settled(holders: readonly Holder[], options: SettleOptions): Promise<void> {
  for (let hasHeld = true; hasHeld; ) {
    hasHeld = false;
    for (const holder of holders) {
      if (options.signal.aborted) return;
      hasHeld = (await released(holder, options)) || hasHeld;
    }
  }
}
