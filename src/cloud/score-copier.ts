import type { Logger } from 'pino';
import type { ScoreCopies } from '../ports/score-copies.ts';
import type { DayScore } from '../ports/scores.ts';
import { inRounds, type Rounds } from './rounds.ts';

const LOOK_MS = 60_000;
const DAYS_AT_ONCE = 500;

/** A store outside that is to have the scores of days. */
export interface ScoreTarget {
  /** Under which the database keeps how far it is; another one begins anew. */
  readonly name: string;
  /** The same day given again replaces what was given before. */
  save(days: readonly DayScore[]): Promise<void>;
}

export interface ScoreCopierOptions {
  readonly copies: ScoreCopies;
  readonly target: ScoreTarget;
  readonly logger: Logger;
  /** Machine time between two looks; a minute when left out. */
  readonly lookMs?: number;
}

/**
 * Gives the target each day's score whenever it changed. What fails is given again, and what two nodes give at the
 * same time is the same.
 */
export function copyScores({ copies, target, logger, lookMs = LOOK_MS }: ScoreCopierOptions): Rounds {
  return inRounds({
    everyMs: lookMs,
    round: async (signal) => {
      let changed = await copies.next(target.name, DAYS_AT_ONCE);
      while (changed !== null && !signal.aborted) {
        await target.save(changed.days);
        await copies.copied(target.name, changed.upTo);
        changed = await copies.next(target.name, DAYS_AT_ONCE);
      }
    },
    failed: `scores could not be copied to ${target.name}: tried again soon`,
    logger,
  });
}
