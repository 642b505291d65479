import { presentAlert } from '../../cloud/alerts/present.ts';
import type { AlertDocument } from '../../projections/alerts.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { presentAlertRow } from '../present/alert.ts';
import { callerOf, needs, type Person, reaches } from '../principal.ts';
import {
  AcknowledgeBody,
  AlertFilter,
  AlertPage,
  AlertParams,
  AlertSchema,
  LiftBody,
  SilenceBody,
  SilenceList,
} from '../schemas/alerts.ts';
import { answers, emptyAnswer } from '../schemas/answers.ts';
import { listedSites, noAlert, noSite } from '../visible.ts';

type AlertDependencies = Pick<HttpDependencies, 'control' | 'readModels'>;

const tags = ['alerts'];

async function visibleAlert({ control }: AlertDependencies, person: Person, alertId: string) {
  const loaded = await control.getAlert(callerOf(person), alertId);
  const { alert } = loaded.stage.context;
  if (alert === null || !reaches(person, alert.systemId)) throw noAlert(alertId);
  return presentAlert(loaded);
}

function alertReadRoutes(app: App, dependencies: AlertDependencies): void {
  app.get(
    '/ml/alerts',
    {
      config: { access: needs('ml:read') },
      schema: {
        tags,
        operationId: 'listAlerts',
        summary: 'Alerts, newest first',
        querystring: AlertFilter,
        response: answers({ 200: AlertPage }),
      },
    },
    async (request) => {
      const { systemId, ...query } = request.query;
      const person = personOf(request);
      const page = await dependencies.readModels.list<AlertDocument>('alerts', {
        ...query,
        tenant: person.tenant,
        systemIds: listedSites(person, systemId),
      });
      return { items: page.items.map(presentAlertRow), nextCursor: page.nextCursor };
    },
  );
  app.get(
    '/ml/alerts/:alertId',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'getAlert',
        summary: 'One alert',
        params: AlertParams,
        response: answers({ 200: AlertSchema }),
      },
    },
    async (request) => visibleAlert(dependencies, personOf(request), request.params.alertId),
  );
}

function alertActRoutes(app: App, dependencies: AlertDependencies): void {
  const { control } = dependencies;
  app.post(
    '/ml/alerts/:alertId/acknowledge',
    {
      config: { access: needs('ml:train'), refusals: [404, 409] },
      schema: {
        tags,
        operationId: 'acknowledgeAlert',
        summary: 'Say that somebody looks after it',
        params: AlertParams,
        body: AcknowledgeBody,
        response: answers({ 200: AlertSchema }),
      },
    },
    async (request) => {
      const { alertId } = request.params;
      const person = personOf(request);
      await visibleAlert(dependencies, person, alertId);
      await control.acknowledgeAlert(callerOf(person), alertId, request.body.note);
      return visibleAlert(dependencies, person, alertId);
    },
  );
  app.post(
    '/ml/alerts/:alertId/accept-flag',
    {
      config: { access: needs('ml:train'), refusals: [404, 409, 422] },
      schema: {
        tags,
        operationId: 'acceptProposedFlag',
        summary: 'Give the site the event flag that the alert proposes',
        description: 'It is a feature from the next training on. Accepting again changes nothing.',
        params: AlertParams,
        response: answers({ 200: AlertSchema }),
      },
    },
    async (request) => {
      const { alertId } = request.params;
      const person = personOf(request);
      await visibleAlert(dependencies, person, alertId);
      await control.acceptFlag(callerOf(person), alertId);
      return visibleAlert(dependencies, person, alertId);
    },
  );
}

/** A token that is narrowed to some sites keeps silent no more than those. */
function checkReach(person: Person, systemId: string | null): void {
  if (!reaches(person, systemId)) throw noSite(systemId ?? 'all sites');
}

function silenceRoutes(app: App, { control }: AlertDependencies): void {
  app.get(
    '/ml/alert-silences',
    {
      config: { access: needs('ml:read') },
      schema: {
        tags,
        operationId: 'listSilences',
        summary: 'What alerts are kept silent',
        response: answers({ 200: SilenceList }),
      },
    },
    async (request) => ({ items: await control.silences(callerOf(personOf(request))) }),
  );
  app.post(
    '/ml/alert-silences',
    {
      config: { access: needs('ml:train'), refusals: [404, 409, 422] },
      schema: {
        tags,
        operationId: 'setSilence',
        summary: 'Keep alerts silent for a time, by site, by rule or both',
        description:
          'They still open and close and are listed; the webhook hears of them when the time is over.',
        body: SilenceBody,
        response: answers({ 200: SilenceList }),
      },
    },
    async (request) => {
      const person = personOf(request);
      const { systemId = null, rule = null, until, reason } = request.body;
      checkReach(person, systemId);
      await control.setSilence(callerOf(person), { systemId, rule, until }, reason);
      return { items: await control.silences(callerOf(person)) };
    },
  );
  app.post(
    '/ml/alert-silences/lift',
    {
      config: { access: needs('ml:train'), refusals: [404, 409] },
      schema: {
        tags,
        operationId: 'liftSilence',
        summary: 'End a silence before its time',
        body: LiftBody,
        response: answers({ 204: emptyAnswer('Alerts are told again.') }),
      },
    },
    async (request, reply) => {
      const person = personOf(request);
      const { systemId = null, rule = null, reason } = request.body;
      checkReach(person, systemId);
      await control.liftSilence(callerOf(person), { systemId, rule }, reason);
      return reply.code(204).send();
    },
  );
}

export const alertRoutes =
  (dependencies: AlertDependencies) =>
  async (app: App): Promise<void> => {
    alertReadRoutes(app, dependencies);
    alertActRoutes(app, dependencies);
    silenceRoutes(app, dependencies);
  };
