import { type Bench, type BenchContext, type BenchRow, summarise } from '../bench.ts';

/** What a bench reported, for a test. */
export interface Recorded {
  readonly context: BenchContext;
  /** Medians by name. */
  readonly figures: Record<string, number>;
  readonly rows: BenchRow[];
  readonly lines: string[];
}

/** A context that keeps what is reported; `options` add to the bench's defaults. */
export function recordingContext(bench: Bench, options: Readonly<Record<string, string>>): Recorded {
  const figures: Record<string, number> = {};
  const rows: BenchRow[] = [];
  const lines: string[] = [];
  const option = (name: string): string => options[name] ?? bench.options[name]?.default ?? '';
  const context: BenchContext = {
    option,
    number: (name) => Number(option(name)),
    figure: (name, unit, values) => {
      figures[name] = summarise(values, unit).median;
    },
    row: (row) => rows.push(row),
    version: () => undefined,
    say: (line) => lines.push(line),
  };
  return { context, figures, rows, lines };
}
