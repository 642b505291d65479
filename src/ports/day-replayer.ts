import type { DayReplay, ReplayedDay } from '../forecasting/replay-day.ts';

/** No model can forecast this day; trying again gives the same. */
export class ReplayRefused extends Error {
  override readonly name = 'ReplayRefused';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface DayReplayer {
  /** Rejects with {@link ReplayRefused}, with the signal's reason when aborted, or with a retryable error. */
  replay(request: DayReplay, signal: AbortSignal): Promise<ReplayedDay>;
  /** Ends what runs and takes no more. */
  close(): Promise<void>;
}
