import type { Clock } from '../ports/clocks.ts';

/**
 * After a failure, waits before the next try, twice as long after each: what is missing may stay away for days, and a
 * full disk must not keep the processor busy.
 */
export interface Pause {
  isOver(): boolean;
  /** Something failed for this reason; true when it is another one than before, which is worth a line in the log. */
  begin(reason: string): boolean;
  /** It went well, or something new is to be tried: the next pause is the shortest again. */
  end(): void;
}

export interface PauseLengths {
  readonly firstMs: number;
  readonly longestMs: number;
}

export function createPause(clock: Clock, { firstMs, longestMs }: PauseLengths): Pause {
  let lengthMs = firstMs;
  let until = Number.NEGATIVE_INFINITY;
  let said: string | null = null;
  return {
    isOver: () => clock.now().getTime() >= until,
    begin(reason) {
      until = clock.now().getTime() + lengthMs;
      lengthMs = Math.min(longestMs, 2 * lengthMs);
      const isNew = reason !== said;
      said = reason;
      return isNew;
    },
    end() {
      lengthMs = firstMs;
      until = Number.NEGATIVE_INFINITY;
      said = null;
    },
  };
}
