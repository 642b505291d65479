import type { DayScore } from '../../ports/scores.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { localDay } from '../local-day.ts';
import { percentOrNull } from '../present/percent.ts';
import { callerOf, needs } from '../principal.ts';
import { FlagBody, FlagList, ScoreList, ScoreQuery } from '../schemas/alerts.ts';
import { answers } from '../schemas/answers.ts';
import { SiteParams } from '../schemas/common.ts';
import { visibleSite } from '../visible.ts';

type ScoreDependencies = Pick<HttpDependencies, 'control' | 'scores' | 'clocks'>;

const DAY_MS = 86_400_000;

function presentDay({ systemId: _, model: __, mape, wape, coverage, ...day }: DayScore) {
  return {
    ...day,
    mape: percentOrNull(mape),
    wape: percentOrNull(wape),
    coverage90: percentOrNull(coverage),
  };
}

/** How a site's forecasts did, and what its people say of its hours. */
export const siteScoreRoutes =
  ({ control, scores, clocks }: ScoreDependencies) =>
  async (app: App): Promise<void> => {
    app.get(
      '/ml/systems/:systemId/scores',
      {
        config: { access: needs('ml:read'), refusals: [404] },
        schema: {
          tags: ['models'],
          operationId: 'getScores',
          summary: 'How the site’s forecasts did, day by day',
          params: SiteParams,
          querystring: ScoreQuery,
          response: answers({ 200: ScoreList }),
        },
      },
      async (request) => {
        const { systemId } = request.params;
        const { settings } = await visibleSite(control, personOf(request), systemId);
        const now = clocks.site.now();
        const from = localDay(new Date(now.getTime() - (request.query.days - 1) * DAY_MS), settings.zone);
        const to = localDay(now, settings.zone);
        const days = await scores.days({ systemIds: [systemId], from, to });
        return { systemId, items: days.map(presentDay) };
      },
    );
    app.post(
      '/ml/systems/:systemId/event-flags',
      {
        config: { access: needs('ml:train'), refusals: [404, 409, 422] },
        schema: {
          tags: ['sites'],
          operationId: 'addEventFlag',
          summary: 'Mark hours in which the load is another one',
          description:
            'A feature from the next training on. To take flags away, replace the site’s settings.',
          params: SiteParams,
          body: FlagBody,
          response: answers({ 201: FlagList }),
        },
      },
      async (request, reply) => {
        const { systemId } = request.params;
        const person = personOf(request);
        await visibleSite(control, person, systemId);
        await control.addEventFlag(callerOf(person), systemId, request.body);
        const { settings } = await visibleSite(control, person, systemId);
        return reply.code(201).send({ eventFlags: settings.eventFlags ?? [] });
      },
    );
  };
