import type { Logger } from 'pino';
import type { DayReplay, ReplayedDay } from '../../forecasting/replay-day.ts';
import { type DayReplayer, ReplayRefused } from '../../ports/day-replayer.ts';
import { createOrderRunner } from './run-order.ts';

export interface ProcessReplayerOptions {
  /** Module that calls `serveReplay`; it is run in a new process for every day of a site. */
  readonly entry: URL;
  readonly logger: Logger;
}

const MEMORY_MB = 512;

const ignore = (): void => undefined;

/** Replays each site's day in a process of its own; how many at a time is the caller's to decide. */
export const createProcessReplayer = ({ entry, logger }: ProcessReplayerOptions): DayReplayer => {
  const closing = new AbortController();
  const runner = createOrderRunner<DayReplay, never, ReplayedDay>({
    ...{ work: 'replay', entry, logger, memoryMb: MEMORY_MB },
    refused: (code, message) => new ReplayRefused(code, message),
  });
  return {
    replay: (request, signal) => runner.run(request, ignore, AbortSignal.any([signal, closing.signal])),
    async close() {
      closing.abort(new Error('the replayer is closed'));
      await runner.close();
    },
  };
};
