import type { Logger } from 'pino';
import type { LeasedEffect } from '../ports/effect-queue.ts';
import type { StreamAppend } from '../ports/event-log.ts';

/** What a handler answers: nothing more to do, facts to append with its completion, or the same again later. */
export type EffectAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'commit'; readonly appends: readonly StreamAppend[] }
  | { readonly kind: 'again'; readonly afterMs: number };

/** What a running handler may use. */
export interface EffectRun {
  /** Aborted when the lease is lost, the work is cancelled or the node stops. */
  readonly signal: AbortSignal;
  /** Shown to people; stored with the next heartbeat. */
  readonly progress: (value: unknown) => void;
  readonly logger: Logger;
  /**
   * Runs another due effect here and now, in the place of this one: true when it was settled, false when it was not to
   * be had. It is interrupted together with this one.
   */
  readonly alongside: (key: string) => Promise<boolean>;
}

/** Runs one type of effect: at least once, on any node, idempotent by the effect's key. */
export interface EffectHandler {
  handle(effect: LeasedEffect, run: EffectRun): Promise<EffectAnswer>;
  /** Attempts before the effect is given up; default 8. */
  readonly maxAttempts?: number;
  /** Instead of a dead letter: the facts that tell of the failure. */
  giveUp?(effect: LeasedEffect, error: Error): Promise<EffectAnswer>;
}

export type EffectOutcome =
  | 'done'
  | 'again'
  | 'retried'
  | 'buried'
  | 'given-up'
  | 'cancelled'
  | 'lost'
  | 'released';
