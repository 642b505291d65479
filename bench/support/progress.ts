/** Tells how far a run of equal steps is. */
export interface Progress {
  /** `[3/27, 12 min left]`, counting a step as done. */
  step(): string;
}

function lasting(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

/** Progress of `steps` steps; `now` gives seconds. The time left is that of the steps so far, on average. */
export function createProgress(steps: number, now: () => number = () => performance.now() / 1000): Progress {
  const start = now();
  let done = 0;
  return {
    step() {
      done++;
      const left = ((now() - start) / done) * Math.max(0, steps - done);
      return done < steps ? `[${done}/${steps}, ${lasting(left)} left]` : `[${done}/${steps}]`;
    },
  };
}
