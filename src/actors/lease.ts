import type { Logger } from 'pino';
import type { EffectQueue, Heartbeat, LeasedEffect } from '../ports/effect-queue.ts';

/** Why the work under a lease was interrupted. */
export type Interruption = 'lost' | 'cancelled' | 'stopped';

/** A lease kept alive while its effect runs. */
export interface Lease {
  readonly signal: AbortSignal;
  readonly progress: (value: unknown) => void;
  interruption(): Interruption | null;
  stop(reason: string): void;
  /** Ends the heartbeats. */
  close(): void;
}

export interface LeaseOptions {
  readonly queue: EffectQueue;
  readonly effect: LeasedEffect;
  readonly leaseMs: number;
  /** The effect's own. */
  readonly logger: Logger;
}

/** A lease is renewed three times before it would run out; new progress is stored at most twice a second. */
const RENEWALS = 3;
const PROGRESS_MS = 400;
/** Work that has no progress to tell hears of its cancellation by looking this often. */
const LOOK_MS = 800;

const INTERRUPTIONS: Readonly<Record<Heartbeat, Interruption | null>> = {
  held: null,
  lost: 'lost',
  'cancel-requested': 'cancelled',
};

/** Renews the lease by heartbeats that carry the progress; aborts the signal when it is lost or cancelled. */
export function holdLease({ queue, effect, leaseMs, logger }: LeaseOptions): Lease {
  const controller = new AbortController();
  let interruption: Interruption | null = null;
  let unsent: { readonly value: unknown } | null = null;
  let beating = false;
  let lastBeat = performance.now();

  function interrupt(why: Interruption | null, message: string): void {
    if (why === null || interruption !== null) return;
    interruption = why;
    controller.abort(new Error(message));
  }

  async function beat(): Promise<void> {
    const sending = unsent;
    unsent = null;
    const answer = await (sending === null
      ? queue.heartbeat(effect, leaseMs)
      : queue.heartbeat(effect, leaseMs, sending.value));
    lastBeat = performance.now();
    interrupt(INTERRUPTIONS[answer], `effect ${effect.key}: ${answer}`);
  }

  function missed(err: unknown): void {
    logger.warn({ err }, 'heartbeat failed');
    // Without a heartbeat for a whole lease another node has the effect: stop before both answer.
    if (performance.now() - lastBeat > leaseMs)
      interrupt('lost', `no heartbeat for effect ${effect.key} reached the queue`);
  }

  const timer = setInterval(
    () => {
      const due = unsent !== null || performance.now() - lastBeat >= Math.min(LOOK_MS, leaseMs / RENEWALS);
      if (beating || !due) return;
      beating = true;
      void beat()
        .catch(missed)
        .finally(() => {
          beating = false;
        });
    },
    Math.min(PROGRESS_MS, leaseMs / RENEWALS),
  );

  return {
    signal: controller.signal,
    progress: (value) => {
      unsent = { value };
    },
    interruption: () => interruption,
    stop: (reason) => interrupt('stopped', reason),
    close: () => clearInterval(timer),
  };
}
