import { NoHistory } from '../../forecasting/cleaning/history.ts';
import type { DayReplay, ReplayedDay } from '../../forecasting/replay-day.ts';
import { serveOrder } from './serve-order.ts';

/** Makes this process one that replays the one day its parent sends, and ends. */
export const serveReplay = (replay: (request: DayReplay) => Promise<ReplayedDay>): void =>
  serveOrder<DayReplay, never, ReplayedDay>({
    perform: replay,
    refusalCode: (error) => (error instanceof NoHistory ? error.code : null),
  });
