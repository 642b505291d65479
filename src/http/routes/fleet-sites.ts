import type { FleetSite, FleetState, SiteDifference } from '../../ports/fleet-sites.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { percentOrNull } from '../present/percent.ts';
import { needs } from '../principal.ts';
import { Problem } from '../problem/problem.ts';
import { answers } from '../schemas/answers.ts';
import { FleetFilter, FleetPage } from '../schemas/fleet-sites.ts';
import { listedSites } from '../visible.ts';

function presentSite({ mape7, mape28, mapeTrend, ...site }: FleetSite) {
  const alerts = site.openAlerts + site.acknowledgedAlerts;
  return {
    ...site,
    ...{ mape7: percentOrNull(mape7), mape28: percentOrNull(mape28) },
    mapeTrend: mapeTrend.map(percentOrNull),
    alertPriority: alerts === 0 ? null : ('P4' as const),
  };
}

/** The words of a list whose form the schema has checked. */
const wordsOf = <Word extends string>(text: string | undefined): readonly Word[] | undefined =>
  text?.split(',') as readonly Word[] | undefined;

/** `GET /fleet/sites`: the whole fleet, filtered, sorted and counted by the database. */
export const fleetSiteRoutes =
  ({ fleetSites, clocks }: Pick<HttpDependencies, 'fleetSites' | 'clocks'>) =>
  async (app: App): Promise<void> => {
    app.get(
      '/fleet/sites',
      {
        config: { access: needs('ml:read') },
        schema: {
          tags: ['sites'],
          operationId: 'listFleet',
          summary: 'Sites in service with what runs, how they do and what is wrong',
          description:
            'Made for long lists: filters, order, pages and counts are worked out where the data is. Sites that were decommissioned are not in it.',
          querystring: FleetFilter,
          response: answers({ 200: FleetPage }),
        },
      },
      async (request) => {
        const person = personOf(request);
        const { q, state, difference, sort, order, limit, offset, cursor } = request.query;
        if (cursor !== undefined && offset > 0)
          throw new Problem(400, 'two-places', 'Give either cursor or offset, not both.');
        const page = await fleetSites.list({
          ...{ tenant: person.tenant, systemIds: listedSites(person), text: q },
          ...{ states: wordsOf<FleetState>(state), differences: wordsOf<SiteDifference>(difference) },
          ...{ order: sort, reversed: order === 'reversed', now: clocks.site.now(), limit, offset, cursor },
        });
        return { ...page, items: page.items.map(presentSite) };
      },
    );
  };
