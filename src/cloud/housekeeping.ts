import type { Logger } from 'pino';
import type { EffectQueue } from '../ports/effect-queue.ts';

const HOUR_MS = 3_600_000;

/** How long an ended effect is kept: far longer than a commit of unknown fate may be repeated. */
const KEPT_MS = 30 * 24 * HOUR_MS;

/** Forgets effects that ended long ago, now and every hour. Returns how to stop; a run under way is waited for. */
export function keepHouse(queue: Pick<EffectQueue, 'prune'>, logger: Logger): () => Promise<void> {
  let running = Promise.resolve();
  const tidy = async (): Promise<void> => {
    try {
      const pruned = await queue.prune(KEPT_MS);
      if (pruned > 0) logger.info({ pruned }, 'ended effects were forgotten');
    } catch (err) {
      logger.warn({ err }, 'ended effects could not be forgotten: tried again in an hour');
    }
  };
  const begin = (): void => {
    running = running.then(tidy);
  };
  begin();
  const timer = setInterval(begin, HOUR_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
