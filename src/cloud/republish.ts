import type { Logger } from 'pino';
import { PublishTimeout } from '../ports/retained-publisher.ts';
import { publishSiteAlerts } from './alerts/site-alerts.ts';
import type { CloudDependencies } from './dependencies.ts';
import { publishDesiredState, TargetNotSigned } from './desired-state.ts';
import { publishSiteConfig } from './site-config.ts';

const PAGE = 200;
/** Sites at a time: the database and the event loop serve people meanwhile. */
const AT_ONCE = 8;

/** One site's failure is its own: the others still get what is theirs. Answers whether the broker is to be had. */
async function republishSite(cloud: CloudDependencies, systemId: string, logger: Logger): Promise<boolean> {
  const outcomes = await Promise.allSettled([
    publishDesiredState(cloud, systemId),
    publishSiteConfig(cloud, systemId),
    publishSiteAlerts(cloud, systemId),
  ]);
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  for (const err of failures) {
    // Its own effect goes on waiting for the signature.
    if (err instanceof TargetNotSigned) logger.info({ systemId }, err.message);
    else logger.error({ err, systemId }, 'could not publish what a site retains');
  }
  return !failures.some((error) => error instanceof PublishTimeout);
}

/** Publishes the pages' sites, a few at a time. Answers how many; fewer when `signal` aborts or the broker is gone. */
async function republishPage(
  cloud: CloudDependencies,
  systemIds: readonly string[],
  signal: AbortSignal,
  logger: Logger,
): Promise<number> {
  const rest = systemIds.values();
  let count = 0;
  const work = async (): Promise<void> => {
    for (const systemId of rest) {
      if (signal.aborted || !(await republishSite(cloud, systemId, logger))) return;
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return count;
}

/**
 * Publishes every site's desired state and configuration again, from the log: after a connection was made, the
 * broker may have lost its store. Returns how many sites it was; stops early when `signal` aborts or the connection
 * is lost, for the next one starts anew.
 */
async function republishAll(cloud: CloudDependencies, signal: AbortSignal, logger: Logger): Promise<number> {
  let count = 0;
  let after = '';
  for (;;) {
    const page = await cloud.log.entries('active-device', after, PAGE);
    const last = page.at(-1);
    if (last === undefined) return count;
    const published = await republishPage(
      cloud,
      page.map(({ key }) => key),
      signal,
      logger,
    );
    count += published;
    if (published < page.length) return count;
    after = last.key;
  }
}

/** Publishes all again at every connection, one round at a time; returns the function that ends it. */
export function republishOnConnect(cloud: CloudDependencies, logger: Logger): () => Promise<void> {
  const stop = new AbortController();
  let current: Promise<void> = Promise.resolve();
  let isWaiting = false;

  async function round(): Promise<void> {
    isWaiting = false;
    if (stop.signal.aborted) return;
    try {
      const sites = await republishAll(cloud, stop.signal, logger);
      logger.info({ sites }, 'desired states and configurations are published again');
    } catch (err) {
      logger.error({ err }, 'could not publish desired states again; the next connection tries anew');
    }
  }

  function begin(): void {
    if (isWaiting) return;
    isWaiting = true;
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
