import type { Logger } from 'pino';
import type { CloudDependencies } from './dependencies.ts';
import { publishDesiredState } from './desired-state.ts';
import { publishSiteConfig } from './site-config.ts';

const PAGE = 200;

/**
 * Publishes every site's desired state and configuration again, from the log: after a connection was made, the
 * broker may have lost its store. Returns how many sites it was; stops early when `signal` aborts.
 */
async function republishAll(cloud: CloudDependencies, signal: AbortSignal): Promise<number> {
  let count = 0;
  let after = '';
  for (;;) {
    const page = await cloud.log.entries('active-device', after, PAGE);
    const last = page.at(-1);
    if (last === undefined || signal.aborted) return count;
    await Promise.all(
      page.flatMap(({ key }) => [publishDesiredState(cloud, key), publishSiteConfig(cloud, key)]),
    );
    count += page.length;
    after = last.key;
  }
}

/** Publishes all again at every connection, one round at a time; returns the function that ends it. */
export function republishOnConnect(cloud: CloudDependencies, logger: Logger): () => Promise<void> {
  const stop = new AbortController();
  let current: Promise<void> = Promise.resolve();

  async function round(): Promise<void> {
    if (stop.signal.aborted) return;
    try {
      const sites = await republishAll(cloud, stop.signal);
      logger.info({ sites }, 'desired states and configurations are published again');
    } catch (err) {
      logger.error({ err }, 'could not publish desired states again; the next connection tries anew');
    }
  }

  function begin(): void {
    current = current.then(round);
  }

  const unsubscribe = cloud.link.onConnected(begin);
  if (cloud.link.connected()) begin();
  return async () => {
    stop.abort();
    unsubscribe();
    await current;
  };
}
