import type { ControlPlane } from '../../cloud/control-plane.ts';
import type { SiteDocument } from '../../projections/documents.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { checkMatch } from '../platform/etags.ts';
import { presentContract, presentSettings, settingsOf } from '../present/settings.ts';
import { callerOf, needs, type Person, reaches } from '../principal.ts';
import { answers, emptyAnswer } from '../schemas/answers.ts';
import { MatchHeaders, SiteParams } from '../schemas/common.ts';
import { PauseBody, ReasonQuery, SettingsInput, SiteFilter, SitePage, SiteSchema } from '../schemas/sites.ts';
import { listedSites, noSite, visibleSite } from '../visible.ts';

type SiteDependencies = Pick<HttpDependencies, 'control' | 'readModels'>;

const tags = ['sites'];

async function presentSite(control: ControlPlane, person: Person, systemId: string) {
  const { settings, deviceId, nextRetrain, ...site } = await visibleSite(control, person, systemId);
  const schedule = {
    nextRetrain,
    nextRetrainStart: site.nextStart ?? nextRetrain,
    retrainsPaused: site.paused ?? null,
    lastSkippedRetrain: site.lastSkipped,
  };
  return { systemId, settings: presentSettings(settings), deviceId, ...schedule };
}

function presentRow(site: SiteDocument) {
  const { systemId, status, zone, contract, deviceId, running, desired, attempted, createdAt, updatedAt } =
    site;
  return {
    systemId,
    status,
    zone,
    contract: presentContract(contract),
    deviceId,
    runningVersion: running?.version ?? null,
    desiredVersion: desired?.version ?? null,
    attemptedVersion: attempted?.version ?? null,
    attemptedStatus: attempted?.status ?? null,
    attemptedReason: attempted?.reason ?? null,
    createdAt,
    updatedAt,
  };
}

function sitePutRoute(app: App, { control }: SiteDependencies): void {
  app.put(
    '/systems/:systemId',
    {
      config: { access: needs('admin'), refusals: [404, 409, 412, 422] },
      schema: {
        tags,
        operationId: 'putSystem',
        summary: 'Register a site or replace its settings',
        description: 'Tolerance and target are in percent. What is left out takes its default.',
        params: SiteParams,
        headers: MatchHeaders,
        body: SettingsInput,
        response: answers({ 200: SiteSchema, 201: SiteSchema }),
      },
    },
    async (request, reply) => {
      const { systemId } = request.params;
      const person = personOf(request);
      if (!reaches(person, systemId)) throw noSite(systemId);
      if (request.headers['if-match'] !== undefined)
        checkMatch(request, await presentSite(control, person, systemId));
      const { created } = await control.putSite(callerOf(person), systemId, settingsOf(request.body));
      return reply.code(created ? 201 : 200).send(await presentSite(control, person, systemId));
    },
  );
}

function siteGetRoute(app: App, { control }: SiteDependencies): void {
  app.get(
    '/systems/:systemId',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'getSystem',
        summary: 'A site with its settings',
        params: SiteParams,
        response: answers({ 200: SiteSchema }),
      },
    },
    async (request) => presentSite(control, personOf(request), request.params.systemId),
  );
}

function siteDeleteRoute(app: App, { control }: SiteDependencies): void {
  app.delete(
    '/systems/:systemId',
    {
      config: { access: needs('admin'), refusals: [404, 409] },
      schema: {
        tags,
        operationId: 'deleteSystem',
        summary: 'Decommission a site',
        description: 'Revokes its device and clears what is retained for it. The id stays taken.',
        params: SiteParams,
        querystring: ReasonQuery,
        response: answers({ 204: emptyAnswer('Decommissioned.') }),
      },
    },
    async (request, reply) => {
      const { systemId } = request.params;
      const person = personOf(request);
      await visibleSite(control, person, systemId);
      await control.decommissionSite(callerOf(person), systemId, request.query.reason);
      return reply.code(204).send();
    },
  );
}

function scheduleRoutes(app: App, { control }: SiteDependencies): void {
  app.post(
    '/systems/:systemId/schedule/pause',
    {
      config: { access: needs('ml:train'), refusals: [404, 409] },
      schema: {
        tags,
        operationId: 'pauseRetrains',
        summary: 'Let weekly retrains of a site pass',
        params: SiteParams,
        body: PauseBody,
        response: answers({ 200: SiteSchema }),
      },
    },
    async (request) => {
      const { systemId } = request.params;
      const person = personOf(request);
      await visibleSite(control, person, systemId);
      await control.pauseRetrains(callerOf(person), systemId, request.body.reason);
      return presentSite(control, person, systemId);
    },
  );
  app.post(
    '/systems/:systemId/schedule/resume',
    {
      config: { access: needs('ml:train'), refusals: [404, 409] },
      schema: {
        tags,
        operationId: 'resumeRetrains',
        summary: 'Retrain a site weekly again',
        params: SiteParams,
        response: answers({ 200: SiteSchema }),
      },
    },
    async (request) => {
      const { systemId } = request.params;
      const person = personOf(request);
      await visibleSite(control, person, systemId);
      await control.resumeRetrains(callerOf(person), systemId);
      return presentSite(control, person, systemId);
    },
  );
}

function siteListRoute(app: App, { readModels }: SiteDependencies): void {
  app.get(
    '/systems',
    {
      config: { access: needs('ml:read') },
      schema: {
        tags,
        operationId: 'listSystems',
        summary: 'Sites with what runs on them, newest first',
        querystring: SiteFilter,
        response: answers({ 200: SitePage }),
      },
    },
    async (request) => {
      const person = personOf(request);
      const page = await readModels.list<SiteDocument>('sites', {
        ...request.query,
        tenant: person.tenant,
        systemIds: listedSites(person),
      });
      return { items: page.items.map(presentRow), nextCursor: page.nextCursor };
    },
  );
}

export const siteRoutes =
  (dependencies: SiteDependencies) =>
  async (app: App): Promise<void> => {
    sitePutRoute(app, dependencies);
    siteGetRoute(app, dependencies);
    siteDeleteRoute(app, dependencies);
    scheduleRoutes(app, dependencies);
    siteListRoute(app, dependencies);
  };
