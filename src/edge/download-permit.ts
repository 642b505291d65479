import type { Assignment } from '../events/device-journal.ts';
import type { Calendar } from '../forecasting/calendar/calendar.ts';
import { HOUR_MS } from '../forecasting/series.ts';
import type { Clock } from '../ports/clocks.ts';
import { type DataBudget, sumOf } from './data-budget.ts';

/** When a model may take data of the link. */
export interface DownloadPermit {
  /**
   * Why the model is not fetched now; null when it is. One that is being fetched pauses at the end of the download
   * hours; its bytes are counted already.
   */
  waitsFor(target: Assignment, isRunning: boolean): string | null;
}

export interface DownloadPermitOptions {
  readonly budget: DataBudget;
  /** Local hours in which models may be fetched; null for all. */
  readonly downloadHours: () => readonly number[] | null;
  readonly calendar: () => Calendar;
  readonly siteClock: Clock;
  /** A larger model is refused without a byte of it: that waits for nothing. */
  readonly maxModelBytes: number;
  /** Whether it was carried here: it takes nothing of the link. */
  readonly isCarried: (target: Assignment) => boolean;
}

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

export function createDownloadPermit(options: DownloadPermitOptions): DownloadPermit {
  const { budget, calendar, siteClock } = options;

  function outsideHours(): string | null {
    const hours = options.downloadHours();
    if (hours === null) return null;
    const { zone, hourOf } = calendar();
    const now = hourOf(Math.floor(siteClock.now().getTime() / HOUR_MS) * HOUR_MS);
    if (hours.includes(now)) return null;
    return `download hours: ${hours.join(', ')} o'clock in ${zone}`;
  }

  function overBudget(size: number): string | null {
    if (budget.hasRoom(size)) return null;
    const { month, bytes, limitBytes } = budget.status();
    return `data budget: ${megabytes(sumOf({ bytes }))} of ${megabytes(limitBytes)} are used in ${month}, the model has ${megabytes(size)}`;
  }

  return {
    waitsFor(target, isRunning) {
      const { artifact } = target;
      if (budget.isOverridden() || artifact.size > options.maxModelBytes) return null;
      if (options.isCarried(target)) return null;
      return outsideHours() ?? (isRunning ? null : overBudget(artifact.size));
    },
  };
}
