import type { Logger } from 'pino';
import type { ArtifactStore } from '../ports/artifact-store.ts';
import type { EffectQueue } from '../ports/effect-queue.ts';
import type { FittedModels } from '../ports/fitted-models.ts';

const HOUR_MS = 3_600_000;

/** How long an ended effect is kept: far longer than a commit of unknown fate may be repeated. */
const KEPT_MS = 30 * 24 * HOUR_MS;

/** How long what models learnt apart from their training is kept: the training ended long before. */
const FITS_KEPT_MS = 24 * HOUR_MS;

export interface Household {
  readonly queue: Pick<EffectQueue, 'prune'>;
  readonly artifacts: Pick<ArtifactStore, 'remove'>;
  /** Absent where nothing is fitted apart. */
  readonly fitted?: Pick<FittedModels, 'forget'> | undefined;
  readonly logger: Logger;
}

/**
 * Forgets effects that ended long ago and removes what trainings of yesterday needed, now and every hour. Returns how
 * to stop; a run under way is waited for.
 */
export function keepHouse({ queue, artifacts, fitted, logger }: Household): () => Promise<void> {
  let running = Promise.resolve();
  const tidy = async (): Promise<void> => {
    try {
      const pruned = await queue.prune(KEPT_MS);
      if (pruned > 0) logger.info({ pruned }, 'ended effects were forgotten');
      await fitted?.forget(FITS_KEPT_MS, (checksum) => artifacts.remove(checksum));
    } catch (err) {
      logger.warn({ err }, 'the house could not be kept: tried again in an hour');
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
