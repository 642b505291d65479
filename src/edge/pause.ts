import type { Clock } from '../ports/clocks.ts';

/** After a failure, waits a while before the next try: a full disk must not keep the processor busy. */
export interface Pause {
  isOver(): boolean;
  begin(): void;
}

export function createPause(clock: Clock, lengthMs: number): Pause {
  let until = Number.NEGATIVE_INFINITY;
  return {
    isOver: () => clock.now().getTime() >= until,
    begin() {
      until = clock.now().getTime() + lengthMs;
    },
  };
}
