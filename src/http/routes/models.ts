import { NotFound } from '../../cloud/refusals.ts';
import type { ReadModels } from '../../ports/read-models.ts';
import type { ModelDocument, SiteDocument } from '../../projections/documents.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { presentModel } from '../present/model.ts';
import { needs } from '../principal.ts';
import { answers } from '../schemas/answers.ts';
import { ModelParams, PageOf, SiteParams } from '../schemas/common.ts';
import { ModelFilter, ModelSchema } from '../schemas/models.ts';
import { ForecastSchema } from '../schemas/telemetry.ts';
import { visibleSite } from '../visible.ts';

type ModelDependencies = Pick<HttpDependencies, 'control' | 'readModels' | 'forecasts'>;

const tags = ['models'];

const siteOf = (readModels: ReadModels, systemId: string): Promise<SiteDocument | null> =>
  readModels.get<SiteDocument>('sites', systemId);

function modelListRoute(app: App, { control, readModels }: ModelDependencies): void {
  app.get(
    '/ml/systems/:systemId/models',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'listModels',
        summary: 'Versions of a site’s model, newest first',
        params: SiteParams,
        querystring: ModelFilter,
        response: answers({ 200: PageOf('ModelPage', ModelSchema, 'Model versions.') }),
      },
    },
    async (request) => {
      const { systemId } = request.params;
      const { tenant } = await visibleSite(control, personOf(request), systemId);
      const { verdict, limit, cursor } = request.query;
      const query = { tenant, systemIds: [systemId], status: verdict, limit, cursor };
      const page = await readModels.list<ModelDocument>('models', query);
      const site = await siteOf(readModels, systemId);
      return { items: page.items.map((model) => presentModel(model, site)), nextCursor: page.nextCursor };
    },
  );
}

function modelRoute(app: App, { control, readModels }: ModelDependencies): void {
  app.get(
    '/ml/systems/:systemId/models/:version',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'getModel',
        summary: 'One version: its data, seed, weights, metrics and decision, and where it ran',
        params: ModelParams,
        response: answers({ 200: ModelSchema }),
      },
    },
    async (request) => {
      const { systemId, version } = request.params;
      await visibleSite(control, personOf(request), systemId);
      const document = await readModels.get<ModelDocument>('models', `${systemId}/${version}`);
      if (document === null) throw new NotFound('model', version, 'check the version');
      return presentModel(document, await siteOf(readModels, systemId));
    },
  );
}

function forecastRoute(app: App, { control, forecasts }: ModelDependencies): void {
  app.get(
    '/ml/systems/:systemId/forecast',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'getForecast',
        summary: 'The latest forecast of a site, 48 hours',
        params: SiteParams,
        response: answers({ 200: ForecastSchema }),
      },
    },
    async (request) => {
      const { systemId } = request.params;
      await visibleSite(control, personOf(request), systemId);
      const forecast = await forecasts.latest(systemId);
      if (forecast === null) throw new NotFound('forecast', systemId, 'the device sends one each hour');
      return forecast;
    },
  );
}

/** The catalogue of model versions and the latest forecast. */
export const modelRoutes =
  (dependencies: ModelDependencies) =>
  async (app: App): Promise<void> => {
    modelListRoute(app, dependencies);
    modelRoute(app, dependencies);
    forecastRoute(app, dependencies);
  };
