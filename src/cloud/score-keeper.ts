import type { Logger } from 'pino';
import type { Clocks } from '../ports/clocks.ts';
import type { ScoreStore, ScoringRound } from '../ports/scores.ts';
import { inRounds, type Rounds } from './rounds.ts';

/** Changes of readings and forecasts scored in one transaction: the feed of facts waits for as long as it is open. */
const RANGES_AT_ONCE = 500;
const LOOK_MS = 10_000;
const HOUR_MS = 3_600_000;
/** Forecasts forgotten in one transaction, for the same reason. */
const PRUNE_AT_ONCE = 2_000;

export interface ScoreKeeperOptions {
  readonly scores: ScoreStore;
  readonly clocks: Clocks;
  /** How long forecasts and scores by hour are kept, ms of the site clock; scores of days stay. */
  readonly keptMs: number;
  readonly observe: (round: ScoringRound, seconds: number) => void;
  readonly logger: Logger;
  /** Machine time between two looks; 10 s when left out. */
  readonly lookMs?: number;
}

/** Keeps what was forecast scored against what was measured, and forgets what is too old. Every node may run one. */
export function keepScores({
  scores,
  clocks,
  keptMs,
  observe,
  logger,
  lookMs = LOOK_MS,
}: ScoreKeeperOptions): Rounds {
  let tidied = Number.NEGATIVE_INFINITY;

  /** Answers whether more waits. */
  async function scoreSome(): Promise<boolean> {
    const started = performance.now();
    const round = await scores.scoreArrivals(RANGES_AT_ONCE);
    if (round === null || round.ranges === 0) return false;
    observe(round, (performance.now() - started) / 1_000);
    return round.ranges === RANGES_AT_ONCE;
  }

  async function tidy(signal: AbortSignal): Promise<void> {
    const now = clocks.site.now().getTime();
    if (now < tidied + HOUR_MS) return;
    const before = new Date(now - keptMs);
    let forgotten = 0;
    let pruned = PRUNE_AT_ONCE;
    while (pruned === PRUNE_AT_ONCE && !signal.aborted) {
      pruned = await scores.prune(before, PRUNE_AT_ONCE);
      forgotten += pruned;
    }
    tidied = now;
    if (forgotten > 0) logger.info({ forgotten, before }, 'old forecasts were forgotten');
  }

  return inRounds({
    everyMs: lookMs,
    round: async (signal) => {
      while ((await scoreSome()) && !signal.aborted);
      await tidy(signal);
    },
    failed: 'forecasts could not be scored: tried again soon',
    logger,
  });
}
