import type { Logger } from 'pino';
import { LANES, type Lane } from '../events/effect.ts';
import type { Clocks } from '../ports/clocks.ts';
import type { EffectQueue, LeasedEffect } from '../ports/effect-queue.ts';
import type { EventLog } from '../ports/event-log.ts';
import { NO_TRACING, type OpenSpan, type Tracing } from '../ports/tracing.ts';
import type { EffectHandler, EffectOutcome } from './effect-handler.ts';
import { createPerformer, type PerformEffect } from './effect-performer.ts';
import { aboutEffect, endEffectSpan, startEffectSpan } from './effect-span.ts';
import { holdLease, type Lease } from './lease.ts';

export interface EffectRunnerOptions {
  readonly log: EventLog;
  readonly queue: EffectQueue;
  readonly clocks: Clocks;
  /** By effect type. */
  readonly handlers: ReadonlyMap<string, EffectHandler>;
  /** Effects at a time, by lane; a lane with 0 is left to other nodes. */
  readonly concurrency: Readonly<Record<Lane, number>>;
  /** Names this node in the leases. */
  readonly worker: string;
  readonly logger: Logger;
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number;
  /** Told of every effect that ran; `logger` is the effect's own. */
  readonly observe: (type: string, outcome: EffectOutcome, seconds: number, logger: Logger) => void;
  /** Told how long an effect that was due at once waited for a node. */
  readonly observeWait?: (type: string, seconds: number) => void;
  /** Nothing is traced by default. */
  readonly tracing?: Tracing;
  /** A killed node's effects are seen again after this long; default 10 s. */
  readonly leaseMs?: number;
  /** Floor of the polling when no wake-up comes; default 500 ms. */
  readonly pollMs?: number;
}

export interface EffectRunner {
  start(): void;
  /** Claims no more, interrupts what runs, gives it back and resolves when all is still. */
  close(): Promise<void>;
}

const DEFAULT_LEASE_MS = 10_000;
const DEFAULT_POLL_MS = 500;
/** How long an effect of a type that this node does not know is left to other nodes. */
const UNKNOWN_TYPE_DELAY_MS = 30_000;

type Running = Map<Promise<void>, { readonly lane: Lane | null; readonly lease: Lease }>;

/** An effect that this node has, with all that accompanies it until it ends. */
interface Held {
  readonly effect: LeasedEffect;
  readonly lease: Lease;
  readonly span: OpenSpan;
  /** Each of its lines names the effect. */
  readonly logger: Logger;
}

/** Runs one effect under its lease; resolves whatever happens. */
async function runLeased(
  { queue, clocks, handlers, observe }: EffectRunnerOptions,
  perform: PerformEffect,
  { effect, lease, span, logger }: Held,
): Promise<void> {
  const { type } = effect.effect;
  const handler = handlers.get(type);
  const started = clocks.machine.now().getTime();
  try {
    if (handler === undefined) {
      logger.warn('no handler for this effect on this node: left to others');
      await queue.release(effect, UNKNOWN_TYPE_DELAY_MS);
      return;
    }
    const outcome = await perform(effect, handler, lease, logger);
    endEffectSpan(span, outcome);
    observe(type, outcome, (clocks.machine.now().getTime() - started) / 1000, logger);
  } catch (err) {
    // The database is away: the lease runs out by itself and the effect is seen again.
    logger.error({ err }, 'effect could not be settled; its lease will run out');
    span.fail('not settled');
  } finally {
    lease.close();
    span.end();
  }
}

/** Calls `work` once at a time; a call during it makes one more. */
function oneAtATime(work: () => Promise<void>): { wake(): void; idle(): Promise<void> } {
  let current: Promise<void> | null = null;
  let again = false;
  function wake(): void {
    if (current !== null) {
      again = true;
      return;
    }
    again = false;
    current = work().finally(() => {
      current = null;
      if (again) wake();
    });
  }
  return { wake, idle: () => current ?? Promise.resolve() };
}

export function createEffectRunner(options: EffectRunnerOptions): EffectRunner {
  const { queue, clocks, concurrency, worker, logger } = options;
  const { leaseMs = DEFAULT_LEASE_MS, pollMs = DEFAULT_POLL_MS, tracing = NO_TRACING } = options;
  const perform = createPerformer({ ...options, alongside });
  const running: Running = new Map();
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let unsubscribe: () => void = () => undefined;

  function hold(effect: LeasedEffect): Held {
    const { waitedSeconds } = effect;
    if (waitedSeconds !== null) options.observeWait?.(effect.effect.type, waitedSeconds);
    const span = startEffectSpan(tracing, effect);
    const own = logger.child(aboutEffect(effect, span));
    return { effect, span, logger: own, lease: holdLease({ queue, effect, leaseMs, logger: own }) };
  }

  function follow(lane: Lane | null, held: Held): Promise<void> {
    const done: Promise<void> = held.span
      .run(() => runLeased(options, perform, held))
      .then(() => {
        running.delete(done);
      });
    running.set(done, { lane, lease: held.lease });
    return done;
  }

  function begin(lane: Lane, effect: LeasedEffect): void {
    void follow(lane, hold(effect)).then(() => claims[lane].wake());
  }

  /** Takes no place of a lane: it works in that of the effect that asks, and stops with it. */
  async function alongside(key: string, signal: AbortSignal): Promise<boolean> {
    if (stopping || signal.aborted) return false;
    const effect = await queue.claimOne(key, worker, leaseMs);
    if (effect === null) return false;
    const held = hold(effect);
    const stop = (): void => held.lease.stop('the effect beside which this one ran was interrupted');
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    await follow(null, held);
    signal.removeEventListener('abort', stop);
    return true;
  }

  async function claimLane(lane: Lane): Promise<void> {
    const busy = [...running.values()].filter((entry) => entry.lane === lane).length;
    const limit = concurrency[lane] - busy;
    if (stopping || limit <= 0) return;
    const claimed = await queue.claim({ worker, lane, limit, leaseMs, siteNow: clocks.site.now() });
    for (const effect of claimed) begin(lane, effect);
  }

  const claiming = (lane: Lane) =>
    oneAtATime(() =>
      claimLane(lane).catch((err: unknown) =>
        logger.error({ err, lane }, 'could not claim effects; trying again'),
      ),
    );
  /** An effect that ends makes room in its own lane: the other need not be looked at. */
  const claims: Readonly<Record<Lane, ReturnType<typeof claiming>>> = {
    quick: claiming('quick'),
    slow: claiming('slow'),
  };
  const wakeAll = (): void => {
    for (const lane of LANES) claims[lane].wake();
  };

  return {
    start() {
      unsubscribe = queue.onEffects(wakeAll);
      timer = setInterval(wakeAll, pollMs);
      wakeAll();
    },
    async close() {
      stopping = true;
      clearInterval(timer);
      unsubscribe();
      await Promise.all(LANES.map((lane) => claims[lane].idle()));
      // One that was being claimed alongside another shows up last, and is stopped by its signal.
      while (running.size > 0) {
        for (const { lease } of running.values()) lease.stop('the node is stopping');
        await Promise.all(running.keys());
      }
    },
  };
}
