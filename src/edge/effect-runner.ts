import type { Logger } from 'pino';
import type { Effect } from '../events/effect.ts';
import type { DeviceUpdateCommand, DeviceUpdateStage } from '../machines/device-update-model.ts';
import type { Clocks } from '../ports/clocks.ts';
import type { DeviceStore, OutboxMessage, PendingEffect } from '../ports/device-store.ts';
import type { DeviceJournal } from './journal.ts';
import { messageOf } from './refusals.ts';

/** What an effect comes back with: stored in one transaction with its completion. */
export interface EffectAnswer {
  readonly command?: DeviceUpdateCommand;
  readonly messages?: readonly OutboxMessage[];
}

export interface EffectHandler {
  /** Whether the history went on so that this effect has nothing left to do. */
  readonly isStale: (effect: PendingEffect, stage: DeviceUpdateStage) => boolean;
  /** Whether it must not run now, or not go on: it is tried again when it may, and no attempt is counted. */
  readonly isHeld?: (effect: PendingEffect, isRunning: boolean) => boolean;
  /**
   * May run more than once. An error means: again later. `attempts` counts this one and those that have no known end.
   */
  readonly run: (effect: PendingEffect, signal: AbortSignal) => Promise<EffectAnswer>;
}

export interface EffectRunnerOptions {
  readonly store: DeviceStore;
  readonly journal: DeviceJournal;
  readonly handlers: Readonly<Record<string, EffectHandler>>;
  readonly clocks: Clocks;
  readonly random: () => number;
  readonly logger: Logger;
  /** Called when an effect is done: messages may wait to be sent. */
  readonly onDone: () => void;
}

export interface EffectRunner {
  /** Begins what is due and not yet running. Called after every commit, and from time to time. */
  wake(): void;
  isRunning(type: string): boolean;
  /** Nothing runs, and what is pending waits for a later instant of the site clock or is held back. */
  isIdle(): boolean;
  /** Begins at once what waits to be tried again: what it lacked may be here now. */
  hurry(): void;
  /** Ends what runs; it stays pending. */
  close(): Promise<void>;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 5 * 60_000;

/** Exponential backoff with full jitter above half: many devices come back at different times. */
const retryAfter = (attempt: number, random: () => number): number =>
  Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 20)) * (0.5 + random() / 2);

interface Running {
  readonly effect: PendingEffect;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/**
 * Runs the journal's pending effects: after the commit that requested them, and again after a restart. One is
 * done only when its answer is in the store.
 */
export function createEffectRunner(options: EffectRunnerOptions): EffectRunner {
  const { store, journal, handlers, clocks, random, logger } = options;
  const running = new Map<string, Running>();
  const retryAt = new Map<string, number>();
  /** Attempts of this process that ended in an error: what it lacked says nothing of those that ended with a process. */
  const failures = new Map<string, number>();
  let closed = false;

  const handlerOf = ({ effect: { type } }: PendingEffect): EffectHandler => {
    const handler = handlers[type];
    if (handler === undefined) throw new Error(`no handler for effect ${type}`);
    return handler;
  };

  const isStale = (effect: PendingEffect): boolean => handlerOf(effect).isStale(effect, journal.stage());

  const isHeld = (effect: PendingEffect, isRunning: boolean): boolean =>
    handlerOf(effect).isHeld?.(effect, isRunning) ?? false;

  /** By the site clock; a try that failed may have to wait all the same. */
  function hasCome(pending: PendingEffect): boolean {
    const { due } = pending.effect;
    if (isHeld(pending, false)) return false;
    return due?.clock !== 'site' || Date.parse(due.at) <= clocks.site.now().getTime();
  }

  const isDue = (pending: PendingEffect): boolean =>
    hasCome(pending) && (retryAt.get(pending.key) ?? 0) <= clocks.machine.now().getTime();

  /** Slow effects take turns, so that two downloads never write the same file. */
  const hasPlace = ({ effect }: { readonly effect: Effect }): boolean =>
    effect.lane === 'quick' || ![...running.values()].some((other) => other.effect.effect.lane === 'slow');

  async function attempt(pending: PendingEffect, signal: AbortSignal): Promise<void> {
    const attempts = store.beginEffect(pending.key) - (failures.get(pending.key) ?? 0);
    const { command, messages } = await handlerOf(pending).run({ ...pending, attempts }, signal);
    if (closed) return;
    const together = { completes: pending.key, messages };
    if (command === undefined) journal.complete(together);
    else journal.apply(command, together);
    retryAt.delete(pending.key);
    failures.delete(pending.key);
    options.onDone();
  }

  function noteFailure(pending: PendingEffect, error: unknown): void {
    if (closed || isStale(pending)) return;
    failures.set(pending.key, (failures.get(pending.key) ?? 0) + 1);
    const delay = retryAfter(pending.attempts + 1, random);
    retryAt.set(pending.key, clocks.machine.now().getTime() + delay);
    const about = { effect: pending.effect.type, attempt: pending.attempts + 1, retryMs: Math.round(delay) };
    logger.warn({ ...about, reason: messageOf(error) }, 'effect failed, it will be tried again');
  }

  function begin(pending: PendingEffect): void {
    const abort = new AbortController();
    // Only once it is known to run: a handler may journal a step before its work, which wakes us again.
    const done = Promise.resolve()
      .then(() => attempt(pending, abort.signal))
      .catch((error: unknown) => noteFailure(pending, error))
      .finally(() => {
        running.delete(pending.key);
        wake();
      });
    running.set(pending.key, { effect: pending, abort, done });
  }

  function consider(pending: PendingEffect): void {
    if (running.has(pending.key)) return;
    if (isStale(pending)) journal.complete({ completes: pending.key });
    else if (isDue(pending) && hasPlace(pending)) begin(pending);
  }

  function review(): void {
    const late = [...running.values()].filter(({ effect }) => isStale(effect) || isHeld(effect, true));
    for (const { abort } of late) abort.abort();
    for (const pending of store.pendingEffects()) consider(pending);
  }

  function wake(): void {
    if (closed) return;
    try {
      review();
    } catch (error) {
      logger.error({ reason: messageOf(error) }, 'pending effects cannot be read; they are tried again');
    }
  }

  return {
    wake,
    isRunning: (type) => [...running.values()].some(({ effect }) => effect.effect.type === type),
    isIdle: () => running.size === 0 && !store.pendingEffects().some(hasCome),
    hurry() {
      retryAt.clear();
      wake();
    },
    async close() {
      closed = true;
      for (const { abort } of running.values()) abort.abort();
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}
