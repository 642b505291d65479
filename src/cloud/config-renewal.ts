import type { Logger } from 'pino';
import { PublisherClosed, PublishTimeout } from '../ports/retained-publisher.ts';
import type { CloudDependencies } from './dependencies.ts';
import { inRounds, type Rounds } from './rounds.ts';
import { renewSiteConfig } from './site-config.ts';

const ROUND_MS = 10_000;
const LOOK_MS = 3_600_000;
/** Sites of a round on one node: at most ten a second are looked at, however many have something new. */
const SITES_A_ROUND = 100;
const AT_ONCE = 4;

type RenewalDependencies = Pick<
  CloudDependencies,
  'actors' | 'link' | 'signer' | 'clocks' | 'outlook' | 'telemetry' | 'renewals'
>;

export interface ConfigRenewalOptions {
  readonly cloud: RenewalDependencies;
  readonly observe: (bytes: number) => void;
  readonly logger: Logger;
  /** Machine time between two rounds; 10 s when left out. */
  readonly roundMs?: number;
  /** Machine time between two looks at a site: prices come once a day, forecasts say by themselves that they came. */
  readonly lookMs?: number | undefined;
}

const isBrokerGone = (error: unknown): boolean =>
  error instanceof PublishTimeout || error instanceof PublisherClosed;

/**
 * Looks at every site's configuration about once an hour and publishes it again where it says something new: prices
 * of tomorrow, a temperature forecast, holidays that came within sight. Every node may run one; each look is one
 * node's. A site that fails is looked at again an hour later, and all are published when the broker comes back.
 */
export function renewConfigs({
  cloud,
  observe,
  logger,
  roundMs = ROUND_MS,
  lookMs = LOOK_MS,
}: ConfigRenewalOptions): Rounds {
  const { link, renewals } = cloud;

  /** Answers whether the broker is to be had. */
  async function look(systemId: string, told: string | null): Promise<boolean> {
    try {
      const renewed = await renewSiteConfig(cloud, systemId, told);
      if (renewed === null) return true;
      await renewals.told(systemId, renewed.content);
      observe(renewed.bytes);
      return true;
    } catch (err) {
      logger.warn({ err, systemId }, 'a configuration could not be renewed: looked at again in an hour');
      return !isBrokerGone(err);
    }
  }

  async function round(signal: AbortSignal): Promise<void> {
    if (!link.connected()) return;
    const sites = (await renewals.claim(SITES_A_ROUND, lookMs)).values();
    const work = async (): Promise<void> => {
      for (const { systemId, told } of sites) if (signal.aborted || !(await look(systemId, told))) return;
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  return inRounds({
    everyMs: roundMs,
    round,
    failed: 'configurations could not be looked at: tried again soon',
    logger,
  });
}
