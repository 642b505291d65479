import { InvalidCursor } from '../../ports/read-models.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { presentFact } from '../present/fact.ts';
import { presentRolloutSite } from '../present/rollout.ts';
import { needs } from '../principal.ts';
import { answers } from '../schemas/answers.ts';
import { AfterVersion, FactList } from '../schemas/common.ts';
import { RolloutParams, RolloutSiteFilter, RolloutSitePage } from '../schemas/rollouts.ts';
import { visibleRollout } from '../visible.ts';

/** The sites and the facts of a rollout. */

type Control = Pick<HttpDependencies, 'control'>;

const tags = ['rollouts'];

/** The place after which a page goes on, 0 for the first; throws `InvalidCursor` for what no page gave. */
function placeOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^[1-9]\d{0,5}$/.test(cursor)) throw new InvalidCursor();
  return Number(cursor);
}

/** `GET …/sites`: where each site of a rollout stands. */
export function rolloutSitesRoute(app: App, { control }: Control): void {
  app.get(
    '/rollouts/:rolloutId/sites',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'listRolloutSites',
        summary: 'The sites of a rollout, in its order',
        params: RolloutParams,
        querystring: RolloutSiteFilter,
        response: answers({ 200: RolloutSitePage }),
      },
    },
    async (request) => {
      const { status, limit, cursor } = request.query;
      const { plan, stage } = await visibleRollout(control, personOf(request), request.params.rolloutId);
      const from = placeOf(cursor);
      // The cursor is a place in the whole order, so that a page goes on where it was whatever moves meanwhile.
      const rows = stage.context.sites
        .map((site, place) => ({ site, place }))
        .filter(({ site, place }) => place >= from && (status === undefined || site.status === status));
      const next = rows[limit];
      return {
        items: rows.slice(0, limit).map(({ site }) => presentRolloutSite(plan, site)),
        nextCursor: next === undefined ? null : String(next.place),
      };
    },
  );
}

/** `GET …/events`: what happened to a rollout. */
export function rolloutEventsRoute(app: App, { control }: Control): void {
  app.get(
    '/rollouts/:rolloutId/events',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'listRolloutEvents',
        summary: 'The facts of a rollout, oldest first',
        params: RolloutParams,
        querystring: AfterVersion,
        response: answers({ 200: FactList }),
      },
    },
    async (request) => {
      const { facts } = await visibleRollout(control, personOf(request), request.params.rolloutId);
      return { items: facts.filter(({ version }) => version > request.query.after).map(presentFact) };
    },
  );
}
