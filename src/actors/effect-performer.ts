import type { Logger } from 'pino';
import { InvalidFact } from '../events/catalogue.ts';
import { IllegalCommand } from '../machines/lifecycle.ts';
import type { EffectQueue, LeasedEffect } from '../ports/effect-queue.ts';
import { type EventLog, LeaseLost, VersionConflict } from '../ports/event-log.ts';
import { Unavailable } from '../ports/unavailable.ts';
import { retryDelayMs } from './backoff.ts';
import type { EffectAnswer, EffectHandler, EffectOutcome } from './effect-handler.ts';
import type { Lease } from './lease.ts';

const DEFAULT_MAX_ATTEMPTS = 8;
/** More tries for the facts that tell of a failure, before that too becomes a dead letter. */
const GIVE_UP_ATTEMPTS = 8;
/** Until a service that was away is asked again: not all who wait at one moment. */
const OUTAGE_PAUSE_MS = { least: 500, spread: 20_000 };

const maxAttempts = (handler: EffectHandler): number => handler.maxAttempts ?? DEFAULT_MAX_ATTEMPTS;

const errorOf = (cause: unknown): Error => (cause instanceof Error ? cause : new Error(String(cause)));

export interface PerformerDependencies {
  readonly log: EventLog;
  readonly queue: EffectQueue;
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number;
  /** Runs another due effect beside one that runs; see `EffectRun`. */
  readonly alongside: (key: string, signal: AbortSignal) => Promise<boolean>;
}

/**
 * Runs one leased effect to an end: answered, retried, dead-lettered, cancelled or given back. `logger` is the effect's
 * own.
 */
export type PerformEffect = (
  effect: LeasedEffect,
  handler: EffectHandler,
  lease: Lease,
  logger: Logger,
) => Promise<EffectOutcome>;

export function createPerformer(dependencies: PerformerDependencies): PerformEffect {
  const { log, queue, random } = dependencies;
  async function settle(effect: LeasedEffect, answer: EffectAnswer): Promise<EffectOutcome> {
    switch (answer.kind) {
      case 'done':
        await queue.complete(effect);
        return 'done';
      case 'commit':
        if (answer.appends.length === 0) await queue.complete(effect);
        else await log.commit({ appends: answer.appends, completes: effect });
        return 'done';
      case 'again':
        await queue.release(effect, answer.afterMs);
        return 'again';
    }
  }

  async function giveUp(effect: LeasedEffect, handler: EffectHandler, error: Error): Promise<EffectOutcome> {
    if (handler.giveUp === undefined) {
      await queue.bury(effect, error.message);
      return 'buried';
    }
    await settle(effect, await handler.giveUp(effect, error));
    return 'given-up';
  }

  /** Giving up can fail like anything else: it is tried again for a while, and is a dead letter in the end. */
  async function notGivenUp(
    effect: LeasedEffect,
    handler: EffectHandler,
    err: Error,
    logger: Logger,
  ): Promise<EffectOutcome> {
    const isHopeless = err instanceof InvalidFact || effect.tries >= maxAttempts(handler) + GIVE_UP_ATTEMPTS;
    if (!isHopeless) return retry(effect, err, logger);
    logger.error({ err }, 'effect could not even be given up');
    await queue.bury(effect, err.message);
    return 'buried';
  }

  async function lastResort(
    effect: LeasedEffect,
    handler: EffectHandler,
    error: Error,
    logger: Logger,
  ): Promise<EffectOutcome> {
    try {
      return await giveUp(effect, handler, error);
    } catch (cause) {
      const err = errorOf(cause);
      return settled(effect, err, logger) ?? notGivenUp(effect, handler, err, logger);
    }
  }

  /** Errors that are no failure: another has the effect, or there is nothing left to do. Null for others. */
  function settled(effect: LeasedEffect, err: Error, logger: Logger): Promise<EffectOutcome> | null {
    if (err instanceof LeaseLost) return Promise.resolve('lost');
    if (!(err instanceof IllegalCommand)) return null;
    logger.info({ err }, 'the stream has moved on: nothing left to do');
    return settle(effect, { kind: 'done' });
  }

  async function mend(
    effect: LeasedEffect,
    handler: EffectHandler,
    err: Error,
    logger: Logger,
  ): Promise<EffectOutcome> {
    const known = settled(effect, err, logger);
    if (known !== null) return known;
    if (err instanceof Unavailable) return wait(effect, err, logger);
    const { tries } = effect;
    // What does not fit its schema now never will.
    const exhausted = tries >= maxAttempts(handler) || err instanceof InvalidFact;
    if (!exhausted) return retry(effect, err, logger);
    logger.error({ err, tries }, 'effect given up');
    return lastResort(effect, handler, err, logger);
  }

  /** Somebody else's outage must not cost the work its tries, however long it lasts. */
  async function wait(effect: LeasedEffect, err: Unavailable, logger: Logger): Promise<EffectOutcome> {
    const afterMs = Math.round(OUTAGE_PAUSE_MS.least + OUTAGE_PAUSE_MS.spread * random());
    logger.warn({ reason: err.message, afterMs }, 'effect waits for a service that is away');
    return settle(effect, { kind: 'again', afterMs });
  }

  async function retry(effect: LeasedEffect, err: Error, logger: Logger): Promise<EffectOutcome> {
    const { tries } = effect;
    // A lost race is no failure: the handler reads the stream anew at once.
    const delayMs = err instanceof VersionConflict ? 0 : retryDelayMs(tries, random());
    logger.warn({ err, tries, delayMs }, 'effect failed, will be retried');
    await queue.retry(effect, err.message, delayMs);
    return 'retried';
  }

  async function interrupted(effect: LeasedEffect, lease: Lease): Promise<EffectOutcome> {
    switch (lease.interruption()) {
      case 'lost':
        return 'lost';
      case 'cancelled':
        await queue.complete(effect);
        return 'cancelled';
      case 'stopped':
      case null:
        await queue.release(effect);
        return 'released';
    }
  }

  return async (effect, handler, lease, logger) => {
    const { signal, progress } = lease;
    try {
      const alongside = (key: string) => dependencies.alongside(key, signal);
      const answer = await handler.handle(effect, { signal, progress, logger, alongside });
      signal.throwIfAborted();
      return await settle(effect, answer);
    } catch (cause) {
      if (lease.interruption() !== null) return interrupted(effect, lease);
      return mend(effect, handler, errorOf(cause), logger);
    }
  };
}
