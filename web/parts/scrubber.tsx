import { useEffect, useState } from 'preact/hooks';
import { sayMachine } from './machine-words.ts';

/** Which instant of a growing history is shown. */
export interface Position {
  /** How many facts count. */
  readonly shown: number;
  readonly count: number;
  /** It goes on with what happens. */
  readonly following: boolean;
  /** Where the reader was before going to the end; null when there is nothing to go back to. */
  readonly left: number | null;
  readonly show: (version: number) => void;
  /** To where `to` says, given what is shown. */
  readonly go: (to: (shown: number) => number) => void;
  readonly follow: (wanted: boolean) => void;
}

interface Choice {
  /** Null while it follows. */
  readonly picked: number | null;
  readonly left: number | null;
}

const shownOf = (picked: number | null, count: number): number => Math.min(picked ?? count, count);

/** The choice after going somewhere: whoever is at the end wants to see what comes. */
function gone({ picked, left }: Choice, count: number, to: (shown: number) => number): Choice {
  const shown = shownOf(picked, count);
  const wanted = Math.max(0, Math.min(to(shown), count));
  const jumped = Math.abs(wanted - shown) > 1;
  return { picked: wanted >= count ? null : wanted, left: jumped ? shown : left };
}

/** `first` is the instant to begin with, null to follow what happens. */
export function usePosition(count: number, first: number | null): Position {
  const [{ picked, left }, set] = useState<Choice>({ picked: first, left: null });
  const shown = shownOf(picked, count);
  return {
    ...{ shown, count, following: picked === null, left: left === shown ? null : left },
    // Keys may come faster than the page is drawn: each goes on from the one before.
    go: (to) => set((before) => gone(before, count, to)),
    show: (version) => set((before) => gone(before, count, () => version)),
    follow: (wanted) =>
      set((before) =>
        wanted ? gone(before, count, () => count) : { ...before, picked: shownOf(before.picked, count) },
      ),
  };
}

/** Keys that belong to whatever has the focus. */
const isBusy = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest('input, select, textarea, dialog, pre, .scroll, [popover]') !== null;

const STEPS: Readonly<Record<string, (shown: number) => number>> = {
  ArrowLeft: (shown) => shown - 1,
  ArrowRight: (shown) => shown + 1,
  Home: () => 0,
  End: () => Number.MAX_SAFE_INTEGER,
};

/** Arrow keys, Home and End, wherever on the page nothing else needs them. */
export function useScrubbingKeys(position: Position): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const step = Object.hasOwn(STEPS, event.key) ? STEPS[event.key] : undefined;
      const changed = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
      if (step === undefined || changed || isBusy(event.target)) return;
      event.preventDefault();
      position.go(step);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });
}

function Go(props: {
  word: 'beginning' | 'previous' | 'next' | 'end';
  sign: string;
  to: number;
  at: Position;
}) {
  const { word, sign, to, at } = props;
  const name = sayMachine(word);
  return (
    <button
      type="button"
      class="step"
      aria-label={name}
      title={name}
      disabled={to < 0 || to > at.count || to === at.shown}
      onClick={() => at.show(to)}
    >
      {sign}
    </button>
  );
}

/** Goes through a history by slider and buttons. */
export function Scrubber({ position }: { position: Position }) {
  const { shown, count, following, left, show, follow } = position;
  const words =
    shown === 0 ? sayMachine('before', { all: count }) : sayMachine('factOf', { n: shown, all: count });
  return (
    <div class="scrubber">
      <Go word="beginning" sign="«" to={0} at={position} />
      <Go word="previous" sign="‹" to={shown - 1} at={position} />
      <input
        type="range"
        min={0}
        max={count}
        value={shown}
        aria-label={sayMachine('upTo')}
        aria-valuetext={words}
        onInput={(event) => show(event.currentTarget.valueAsNumber)}
      />
      <Go word="next" sign="›" to={shown + 1} at={position} />
      <Go word="end" sign="»" to={count} at={position} />
      <output>{words}</output>
      <span class="follow">
        <button type="button" aria-pressed={following} onClick={() => follow(!following)}>
          {sayMachine('follow')}
        </button>
        {left !== null && (
          <button type="button" class="bare" onClick={() => show(left)}>
            {sayMachine('backTo', { n: left })}
          </button>
        )}
      </span>
    </div>
  );
}
