import { UnusableData } from '../../src/forecasting/cleaning/findings.ts';
import { NoHistory } from '../../src/forecasting/cleaning/history.ts';
import { CannotTrain } from '../../src/forecasting/refusal.ts';
import { createProgress, type Progress } from '../support/progress.ts';
import type { BenchSeries } from './bench-series.ts';
import { type FoldTask, testDaysOf } from './fold.ts';
import { type FoldResult, measureFold } from './measure-fold.ts';

type Say = (line: string) => void;

/** What became of every fold of a run. */
export interface Folds {
  readonly results: readonly FoldResult[];
  /** The same folds with the window to compare; those where the series is long enough for it. */
  readonly compared: readonly FoldResult[];
  /** The series begins too late for them. */
  readonly skipped: number;
  /** Their data were refused, with a reason. */
  readonly refused: number;
  /** Something broke. */
  readonly failed: number;
}

export interface FoldsRequest {
  readonly series: readonly BenchSeries[];
  readonly folds: number;
  readonly windowDays: number;
  /** A second window, of which only the ensemble is scored; null for none. */
  readonly compareDays: number | null;
}

function line({ series, fold, windowDays, scores, cpuSeconds, ...rest }: FoldResult): string {
  const wapes = [...scores].map(([name, { all }]) => `${name} ${all.wape.toFixed(2)}`).join('  ');
  const coverage = 100 * (scores.get('ensemble')?.band?.coverage90 ?? Number.NaN);
  const notes = [
    ...(rest.skippedOrigins > 0 ? [`${rest.skippedOrigins} origins without history`] : []),
    ...rest.failures,
  ];
  const told = `${series} ${fold}, ${windowDays} days: ${wapes}  coverage ${coverage.toFixed(0)} %  ${cpuSeconds.toFixed(1)} CPU s`;
  return notes.length === 0 ? told : `${told}  (${notes.join('; ')})`;
}

const isRefusal = (error: unknown): boolean =>
  error instanceof UnusableData || error instanceof CannotTrain || error instanceof NoHistory;

type Outcome = FoldResult | 'skipped' | 'refused' | 'failed';

/** One fold, whatever becomes of it: a failing one never ends the run. */
async function attempt(task: FoldTask, brief: boolean, progress: Progress, say: Say): Promise<Outcome> {
  const name = `${task.series.name} ${task.fold}, ${task.windowDays} days`;
  try {
    const days = testDaysOf(task);
    if (days === null) {
      say(`${progress.step()} ${name}: skipped, the series begins too late`);
      return 'skipped';
    }
    const result = await measureFold(task, days, { others: !brief });
    say(`${progress.step()} ${line(result)}`);
    return result;
  } catch (error) {
    const outcome = isRefusal(error) ? 'refused' : 'failed';
    say(`${progress.step()} ${name}: ${outcome}: ${error instanceof Error ? error.message : String(error)}`);
    return outcome;
  }
}

const isResult = (outcome: Outcome): outcome is FoldResult => typeof outcome === 'object';

/** Measures all folds of all series, one after the other. */
export async function runFolds(request: FoldsRequest, say: Say): Promise<Folds> {
  const { folds, windowDays, compareDays } = request;
  const windows = compareDays === null ? [windowDays] : [windowDays, compareDays];
  const tasks = request.series.flatMap((series) =>
    Array.from({ length: folds }, (_, fold) =>
      windows.map((days) => ({ series, fold, windowDays: days })),
    ).flat(),
  );
  const progress = createProgress(tasks.length);
  const outcomes: Outcome[] = [];
  const compared: Outcome[] = [];
  for (const task of tasks) {
    const brief = task.windowDays !== windowDays;
    (brief ? compared : outcomes).push(await attempt(task, brief, progress, say));
  }
  const count = (outcome: Outcome): number => outcomes.filter((other) => other === outcome).length;
  return {
    results: outcomes.filter(isResult),
    compared: compared.filter(isResult),
    skipped: count('skipped'),
    refused: count('refused'),
    failed: count('failed'),
  };
}
