import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ControlPlane, EvaluationRequest } from '../../cloud/control-plane.ts';
import { Invalid } from '../../cloud/refusals.ts';
import type { EvaluationDocument } from '../../projections/evaluations.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { daysBetween, localDay } from '../local-day.ts';
import { presentEvaluation, presentEvaluationRow } from '../present/evaluation.ts';
import { callerOf, needs, type Person, reaches } from '../principal.ts';
import { Problem } from '../problem/problem.ts';
import { answers } from '../schemas/answers.ts';
import {
  EvaluationBody,
  EvaluationFilter,
  EvaluationHeaders,
  EvaluationPage,
  EvaluationParams,
  EvaluationSchema,
  EvaluationViewSchema,
} from '../schemas/evaluation.ts';
import { CancelBody } from '../schemas/jobs.ts';
import { listedSites, noEvaluation, visibleSite } from '../visible.ts';

type EvaluateDependencies = Pick<HttpDependencies, 'control' | 'clocks' | 'readModels'>;

/** Longest period that is answered directly, and at all. */
const DIRECT_DAYS = 31;
const MAX_DAYS = 1096;
const PREFERS_ASYNC = /(^|[,;\s])respond-async($|[,;\s])/i;

const tags = ['models'];

/** Days of the period. Throws {@link Invalid}. */
function daysOf({ startDate, endDate }: EvaluationRequest, today: string): number {
  const days = daysBetween(startDate, endDate);
  if (days === null)
    throw new Invalid('no-such-day', 'startDate or endDate is no day of the calendar: write YYYY-MM-DD.');
  if (days < 1) throw new Invalid('period-reversed', 'endDate lies before startDate: exchange them.');
  if (days > MAX_DAYS) {
    throw new Invalid(
      'period-too-long',
      `The period has ${days} days: ask for at most ${MAX_DAYS} at a time.`,
    );
  }
  if (endDate > today) {
    throw new Invalid('period-in-future', `endDate lies in the future: the last day possible is ${today}.`);
  }
  return days;
}

async function answerDirectly(
  { control }: EvaluateDependencies,
  person: Person,
  { body }: FastifyRequest<{ Body: EvaluationRequest }>,
  reply: FastifyReply,
) {
  const gone = new AbortController();
  // Nobody waits for the answer any more: the work behind it stops.
  reply.raw.once('close', () => gone.abort());
  try {
    return await control.evaluate(callerOf(person), body, gone.signal);
  } catch (error) {
    // Nobody reads this answer, and nothing went wrong on our side.
    if (gone.signal.aborted) throw new Problem(400, 'caller-left', 'The caller did not wait.');
    throw error;
  }
}

async function viewOf(control: ControlPlane, person: Person, evaluationId: string) {
  const view = await control.readEvaluation(callerOf(person), evaluationId);
  if (!reaches(person, view.request.systemId)) throw noEvaluation(evaluationId);
  return presentEvaluation(view);
}

function evaluatePostRoute(app: App, dependencies: EvaluateDependencies): void {
  const { control, clocks } = dependencies;
  app.post(
    '/ml/evaluate',
    {
      config: { access: needs('ml:read'), refusals: [404, 409, 410, 422] },
      schema: {
        tags,
        operationId: 'evaluate',
        summary: 'Backtest a model version on past days',
        description: `Any version, also one that never ran. Both days are local and included. Up to ${DIRECT_DAYS} days are answered directly; longer periods, or \`Prefer: respond-async\`, by 202 with an address to look at. At most ${MAX_DAYS} days.`,
        headers: EvaluationHeaders,
        body: EvaluationBody,
        response: answers({ 200: EvaluationSchema, 202: EvaluationViewSchema }),
      },
    },
    async (request, reply) => {
      const person = personOf(request);
      const { settings } = await visibleSite(control, person, request.body.systemId);
      const days = daysOf(request.body, localDay(clocks.site.now(), settings.zone));
      const wished = PREFERS_ASYNC.test(request.headers.prefer ?? '');
      if (days <= DIRECT_DAYS && !wished) return answerDirectly(dependencies, person, request, reply);
      const evaluationId = await control.requestEvaluation(callerOf(person), request.body);
      const view = await viewOf(control, person, evaluationId);
      if (wished) reply.header('preference-applied', 'respond-async');
      return reply.code(202).header('location', view.statusUrl).send(view);
    },
  );
}

function evaluationListRoute(app: App, { readModels }: EvaluateDependencies): void {
  app.get(
    '/ml/evaluations',
    {
      config: { access: needs('ml:read') },
      schema: {
        tags,
        operationId: 'listEvaluations',
        summary: 'Evaluations that are fetched later, newest first',
        querystring: EvaluationFilter,
        response: answers({ 200: EvaluationPage }),
      },
    },
    async (request) => {
      const { systemId, ...query } = request.query;
      const person = personOf(request);
      const { items, nextCursor } = await readModels.list<EvaluationDocument>('evaluations', {
        ...query,
        tenant: person.tenant,
        systemIds: listedSites(person, systemId),
      });
      return { items: items.map(presentEvaluationRow), nextCursor };
    },
  );
}

function evaluationRoutes(app: App, { control }: EvaluateDependencies): void {
  app.get(
    '/ml/evaluations/:evaluationId',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'getEvaluation',
        summary: 'How far an evaluation is, and what came out',
        params: EvaluationParams,
        response: answers({ 200: EvaluationViewSchema }),
      },
    },
    async (request) => viewOf(control, personOf(request), request.params.evaluationId),
  );
  app.post(
    '/ml/evaluations/:evaluationId/cancel',
    {
      config: { access: needs('ml:read'), refusals: [404, 409] },
      schema: {
        tags,
        operationId: 'cancelEvaluation',
        summary: 'Stop an evaluation that has not ended',
        params: EvaluationParams,
        body: CancelBody,
        response: answers({ 200: EvaluationViewSchema }),
      },
    },
    async (request) => {
      const { evaluationId } = request.params;
      const person = personOf(request);
      await viewOf(control, person, evaluationId);
      const reason = request.body?.reason ?? 'cancelled through the API';
      await control.cancelEvaluation(callerOf(person), evaluationId, reason);
      return viewOf(control, person, evaluationId);
    },
  );
}

/** `POST /ml/evaluate`: a model version's forecasts against what then happened; long ones are fetched later. */
export const evaluateRoute =
  (dependencies: EvaluateDependencies) =>
  async (app: App): Promise<void> => {
    evaluatePostRoute(app, dependencies);
    evaluationListRoute(app, dependencies);
    evaluationRoutes(app, dependencies);
  };
