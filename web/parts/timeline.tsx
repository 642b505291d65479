import type { StreamStep } from '../../src/client/client.ts';
import { formatInstant } from '../format.ts';
import { moveText } from './explanation.tsx';
import { sayMachine } from './machine-words.ts';
import type { Position } from './scrubber.tsx';

/** So many facts stand before and after the one that is shown: a thousand of them would slow down each step. */
const AROUND = 4;

function windowOf(count: number, shown: number): readonly [first: number, end: number] {
  const first = Math.max(0, Math.min(shown - 1 - AROUND, count - 2 * AROUND - 1));
  return [first, Math.min(count, first + 2 * AROUND + 1)];
}

/** The facts around the instant that is shown, each leading to its own. */
export function Timeline({ steps, position }: { steps: readonly StreamStep[]; position: Position }) {
  const { shown, show } = position;
  const [first, end] = windowOf(steps.length, shown);
  return (
    <ol class="timeline" aria-label={sayMachine('facts')}>
      {steps.slice(first, end).map((step) => (
        <li key={step.version} class={step.version > shown ? 'ahead' : 'past'}>
          <button
            type="button"
            aria-current={step.version === shown ? 'step' : undefined}
            onClick={() => show(step.version)}
          >
            <span class="version">{step.version}</span>
            <span>
              <strong>{step.type}</strong> <small>{moveText(step)}</small>
            </span>
            <time dateTime={step.at}>{formatInstant(step.at)}</time>
          </button>
        </li>
      ))}
    </ol>
  );
}
