import type { Logger } from 'pino';
import type { DataBudget } from './data-budget.ts';

export interface DataWatchOptions {
  readonly budget: DataBudget;
  /** Why a model is not fetched now. */
  readonly waitsFor: () => string | null;
  readonly logger: Logger;
  /** The month's data passed a mark, or a download waits or goes on. */
  readonly onChange: () => void;
}

/** Looks at every call whether the month's data passed a mark or a download began to wait, and says so once. */
export function createDataWatch({ budget, waitsFor, logger, onChange }: DataWatchOptions): () => void {
  let level = budget.level();
  let waiting: string | null = null;

  function lookAtLevel(): boolean {
    const before = level;
    level = budget.level();
    if (level === before) return false;
    const { month, bytes, limitBytes } = budget.status();
    const say = level === 'within' ? 'info' : 'warn';
    logger[say]({ level, month, bytes, limitBytes }, 'the data of this month passed a mark');
    return true;
  }

  function lookAtDownload(): boolean {
    const before = waiting;
    waiting = waitsFor();
    if ((waiting === null) === (before === null)) return false;
    logger.info({ waitsFor: waiting }, waiting === null ? 'the download goes on' : 'the download waits');
    return true;
  }

  return () => {
    const news = [lookAtLevel(), lookAtDownload()];
    if (news.includes(true)) onChange();
  };
}
