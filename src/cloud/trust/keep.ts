import type { Logger } from 'pino';
import type { TrustStore } from '../../ports/trust-store.ts';
import type { TrustPublisher } from './publisher.ts';

const MINUTE_MS = 60_000;
/** Far longer than a device takes from its timestamp to the last file. */
const KEPT_MS = 24 * 60 * MINUTE_MS;

/**
 * Signs again what is half over, now and every minute; of several nodes that try, one is first and the others find it
 * done. Returns how to stop; a run under way is waited for.
 */
export function keepTrust(
  publisher: Pick<TrustPublisher, 'renew'>,
  store: Pick<TrustStore, 'prune'>,
  logger: Logger,
): () => Promise<void> {
  let running = Promise.resolve();
  const renew = async (): Promise<void> => {
    try {
      await publisher.renew();
      await store.prune(KEPT_MS);
    } catch (err) {
      logger.error({ err }, 'metadata for devices could not be signed: tried again in a minute');
    }
  };
  const begin = (): void => {
    running = running.then(renew);
  };
  begin();
  const timer = setInterval(begin, MINUTE_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
