/** What `npm run bench -- NAME` needs of a bench; see run.ts. */

export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
}

/** One line of the details behind the figures; null where nothing was measured. */
export type BenchRow = Readonly<Record<string, string | number | null>>;

/** What a bench reports to, while it runs. */
export interface BenchContext {
  /** Values of the bench's own options; a flag is 'true' when given. */
  option(name: string): string;
  /** An option as a number. Throws a RangeError when it is none. */
  number(name: string): number;
  /**
   * A figure by its repetitions: median, smallest and largest are kept. `unit` is '' for a ratio or a count.
   * Throws a RangeError when there are none, or one of them is NaN.
   */
  figure(name: string, unit: string, values: readonly number[]): void;
  /** Details for `--json`, beside the figures. */
  row(row: BenchRow): void;
  /** Version of something that was measured beside ours, or of a server. */
  version(name: string, version: string): void;
  /** One line for the person who watches. */
  say(line: string): void;
}

export interface BenchOption {
  readonly description: string;
  /** A flag takes no value. */
  readonly flag?: true;
  readonly default?: string;
}

export interface Bench {
  /** One line for the list of benches. */
  readonly summary: string;
  /** Its own options, by name without dashes; `json` and `help` are everybody's. */
  readonly options: Readonly<Record<string, BenchOption>>;
  run(context: BenchContext): Promise<void>;
}

/** Throws a RangeError when nothing was measured, or something that is no number. */
export function summarise(values: readonly number[], unit: string): Figure {
  if (values.length === 0 || values.some(Number.isNaN)) {
    throw new RangeError(`a figure needs measurements, not [${values.join(', ')}]`);
  }
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? Number.NaN, sorted[Math.floor(middle)] ?? Number.NaN];
  return { median: (low + high) / 2, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN, unit };
}
