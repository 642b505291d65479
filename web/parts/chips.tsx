import { formatCount } from '../format.ts';

interface Chip {
  readonly value: string;
  readonly text: string;
  /** How many there are; not shown when it is not known. */
  readonly count?: number | undefined;
}

interface ChipsProps {
  readonly label: string;
  readonly chosen: string;
  readonly choose: (value: string) => void;
  readonly chips: readonly Chip[];
}

/** Filters of which one holds, with what each would show. */
export function Chips({ label, chosen, choose, chips }: ChipsProps) {
  return (
    <fieldset class="chips">
      <legend class="unseen">{label}</legend>
      {chips.map(({ value, text, count }) => (
        <button key={value} type="button" aria-pressed={value === chosen} onClick={() => choose(value)}>
          {text}
          {count !== undefined && <span class="count">{formatCount(count)}</span>}
        </button>
      ))}
    </fieldset>
  );
}
