import { foldSite, SITE_FACT_TYPES } from '../../projections/site-at.ts';
import type { Caller, ControlPlane } from '../control-plane.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { Invalid, NotFound } from '../refusals.ts';
import { loadSite } from '../streams.ts';

const SITE_HINT = 'list your sites with GET /api/v1/systems';

/** Looking back: a site as it stood at an instant, folded from the log alone. */
export function createInstantControl({
  actors,
  log,
  clocks,
}: Pick<CloudDependencies, 'actors' | 'log' | 'clocks'>): Pick<ControlPlane, 'siteAt'> {
  async function registeredAt(caller: Caller, systemId: string): Promise<string> {
    const { stage, facts } = await loadSite(actors, systemId);
    const first = facts.at(0);
    if (first === undefined || stage.context.tenant !== caller.tenant)
      throw new NotFound('site', systemId, SITE_HINT);
    return first.metadata.at;
  }

  return {
    async siteAt(caller, systemId, time) {
      const since = await registeredAt(caller, systemId);
      const now = clocks.site.now();
      const until = time ?? now;
      if (until.getTime() > now.getTime())
        throw new Invalid(
          'time-in-future',
          `It is ${now.toISOString()} at the site: ask for an earlier time.`,
        );
      const found = foldSite(await log.readSite({ systemId, types: SITE_FACT_TYPES, until }));
      if (found !== null) return { ...found, time: until.toISOString() };
      throw new Invalid(
        'before-registration',
        `Site ${systemId} was registered at ${since}: ask for a later time.`,
      );
    },
  };
}
