import type { Verdict } from '../forecasting/gate.ts';
import { percent } from './format.ts';

const METRIC = { mape: 'MAPE', wape: 'WAPE' } as const;

/** What the gate of a training job would say of a model that has no champion to beat, and why. */
export function verdictText({ reason, decision }: Verdict): string {
  const { metric, target, challenger, seasonalNaive } = decision;
  const own = `${METRIC[metric]} ${percent(challenger)} %`;
  const naive = `last week's value ${percent(seasonalNaive)} %`;
  const goal = `target ${percent(target, 0)} %`;
  switch (reason) {
    case null:
      return `the gate would deploy it: ${own}, under the ${goal} and under ${naive}`;
    case 'target-missed':
      return `the gate would keep it back: ${own} is not under the ${goal} (${naive})`;
    case 'not-better-than-naive':
      return `the gate would keep it back: ${own} is not better than ${naive}`;
    case 'not-enough-unseen-days':
      return `the gate would keep it back: too few days that the champion has not seen`;
    case 'not-better-than-champion':
      return `the gate would keep it back: ${own} is not enough of a gain over the champion`;
  }
}
