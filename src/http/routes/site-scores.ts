import { type DayFigures, DEVICE_FORECAST } from '../../ports/scores.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { localDay } from '../local-day.ts';
import { percentOrNull } from '../present/percent.ts';
import { callerOf, needs, type Person } from '../principal.ts';
import { FlagBody, FlagList } from '../schemas/alerts.ts';
import { answers } from '../schemas/answers.ts';
import { SiteParams } from '../schemas/common.ts';
import { AccuracyTrend, DaysQuery, ErrorHours, ScoreList, ScoreQuery } from '../schemas/scores.ts';
import { visibleSite } from '../visible.ts';

type ScoreDependencies = Pick<HttpDependencies, 'control' | 'scores' | 'clocks'>;

const DAY_MS = 86_400_000;
const tags = ['models'];

const presentFigures = <Day extends DayFigures>({ systemId: _, mape, wape, coverage, ...day }: Day) => ({
  ...day,
  mape: percentOrNull(mape),
  wape: percentOrNull(wape),
  coverage90: percentOrNull(coverage),
});

function mean(days: readonly DayFigures[], figure: 'mape' | 'rmse' | 'coverage'): number | null {
  const known = days.flatMap((day) => day[figure] ?? []);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** What each version that served reached, in the order in which they came. */
function servedVersions(days: readonly DayFigures[]) {
  const served = days.filter(({ model }) => model === DEVICE_FORECAST);
  return [...Map.groupBy(served, ({ version, modelType }) => `${version} ${modelType}`).values()].map(
    (own) => ({
      version: own[0]?.version ?? null,
      modelType: own[0]?.modelType,
      ...{ firstDay: own[0]?.day, lastDay: own.at(-1)?.day, days: own.length },
      ...{ mape: percentOrNull(mean(own, 'mape')), rmse: mean(own, 'rmse') },
      coverage90: percentOrNull(mean(own, 'coverage')),
    }),
  );
}

/** The last so many local days of a site that the caller sees, today's included. */
async function spanOf(
  { control, clocks }: ScoreDependencies,
  person: Person,
  systemId: string,
  days: number,
) {
  const { settings } = await visibleSite(control, person, systemId);
  const now = clocks.site.now();
  const { zone } = settings;
  return {
    zone,
    from: localDay(new Date(now.getTime() - (days - 1) * DAY_MS), zone),
    to: localDay(now, zone),
  };
}

function scoreRoute(app: App, dependencies: ScoreDependencies): void {
  app.get(
    '/ml/systems/:systemId/scores',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'getScores',
        summary: 'How the site’s forecasts did, day by day',
        params: SiteParams,
        querystring: ScoreQuery,
        response: answers({ 200: ScoreList }),
      },
    },
    async (request) => {
      const { systemId } = request.params;
      const { days, model } = request.query;
      const { from, to } = await spanOf(dependencies, personOf(request), systemId, days);
      const found = await dependencies.scores.days({ systemIds: [systemId], model, from, to });
      return { systemId, items: found.map((day) => presentFigures(day)).map(({ model: _, ...day }) => day) };
    },
  );
}

function trendRoutes(app: App, dependencies: ScoreDependencies): void {
  const { scores } = dependencies;
  app.get(
    '/ml/systems/:systemId/accuracy',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'getAccuracyTrend',
        summary: 'Daily errors of all models of a site, and of each version that served',
        params: SiteParams,
        querystring: DaysQuery,
        response: answers({ 200: AccuracyTrend }),
      },
    },
    async (request) => {
      const { systemId } = request.params;
      const span = await spanOf(dependencies, personOf(request), systemId, request.query.days);
      const days = await scores.figures(systemId, span);
      return {
        systemId,
        days: days.map((day) => presentFigures(day)),
        versions: servedVersions(days),
      };
    },
  );
  app.get(
    '/ml/systems/:systemId/error-hours',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'getErrorHours',
        summary: 'Where in the week a site’s forecasts miss',
        params: SiteParams,
        querystring: DaysQuery,
        response: answers({ 200: ErrorHours }),
      },
    },
    async (request) => {
      const { systemId } = request.params;
      const { zone, ...span } = await spanOf(dependencies, personOf(request), systemId, request.query.days);
      const cells = await scores.errorHours(systemId, span, zone);
      return {
        ...{ systemId, ...span },
        cells: cells.map(({ error, ...cell }) => ({ ...cell, error: percentOrNull(error) })),
      };
    },
  );
}

/** How a site's forecasts did, and what its people say of its hours. */
export const siteScoreRoutes =
  (dependencies: ScoreDependencies) =>
  async (app: App): Promise<void> => {
    const { control } = dependencies;
    scoreRoute(app, dependencies);
    trendRoutes(app, dependencies);
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
