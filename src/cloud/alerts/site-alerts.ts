import type { CloudDependencies } from '../dependencies.ts';
import { openAlerts, openedAlert, silencedUntil } from './open-alerts.ts';
import { presentAlert } from './present.ts';

/**
 * Retains the site's alerts that are not resolved for whoever listens at the site, and clears the topic when there are
 * none: who connects later sees what is open, and nothing that is over. Safe to repeat at any time.
 */
export async function publishSiteAlerts(
  cloud: Pick<CloudDependencies, 'actors' | 'log' | 'link' | 'clocks'>,
  systemId: string,
): Promise<void> {
  const now = cloud.clocks.site.now();
  const open = (await openAlerts(cloud, systemId)).filter(({ stage }) => stage.state !== 'resolved');
  const alerts = await Promise.all(
    open.map(async (loaded) => ({
      ...presentAlert(loaded),
      silencedUntil: await silencedUntil(cloud, openedAlert(loaded), now),
    })),
  );
  const message = { systemId, issuedAt: now.toISOString(), alerts };
  const payload = alerts.length === 0 ? null : new TextEncoder().encode(JSON.stringify(message));
  await cloud.link.publishAlerts(systemId, payload);
}
