import type { Static } from 'typebox';
import { Invalid } from '../../cloud/refusals.ts';
import type { RolloutRequest, StageWish } from '../../cloud/rollout/request.ts';
import type { RolloutDocument } from '../../projections/rollouts.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { fraction } from '../present/percent.ts';
import { presentRollout, presentRolloutRow, presentRules } from '../present/rollout.ts';
import { callerOf, needs, type Person } from '../principal.ts';
import { Problem } from '../problem/problem.ts';
import { answers } from '../schemas/answers.ts';
import { IdempotencyHeaders } from '../schemas/common.ts';
import { RolloutBody } from '../schemas/rollout-request.ts';
import {
  RolloutFilter,
  RolloutPage,
  RolloutParams,
  RolloutPlanSchema,
  RolloutReasonBody,
  RolloutSchema,
} from '../schemas/rollouts.ts';
import { listedSites, visibleRollout } from '../visible.ts';
import { rolloutEventsRoute, rolloutSitesRoute } from './rollout-rows.ts';

type RolloutDependencies = Pick<HttpDependencies, 'control' | 'readModels'>;
type Body = Static<typeof RolloutBody>;

const tags = ['rollouts'];

function stageOf({ sites, sharePct }: Body['stages'][number]): StageWish {
  if (sites !== undefined && sharePct === undefined) return { sites };
  if (sharePct !== undefined && sites === undefined) return { share: fraction(sharePct) };
  throw new Invalid('unclear-stage', 'A stage has either "sites" or "sharePct": give one of the two.');
}

function windowOf(window: Body['window']): Body['window'] {
  if (window === null || window.fromHour !== window.toHour) return window;
  throw new Invalid('empty-window', 'The window ends when it begins: leave it out for the whole day.');
}

function rulesOf({
  shadowDays,
  window,
  atOnce,
  perHour,
  soakHours,
  thresholds,
  onBreach,
}: Body): RolloutRequest['rules'] {
  const { failuresPct, timeoutsPct, shadowWorsePct, liveWorsePct, errorIncreasePct } = thresholds;
  return {
    ...{ shadowDays, window: windowOf(window), atOnce, perHour, soakHours, onBreach },
    thresholds: {
      failures: fraction(failuresPct),
      timeouts: fraction(timeoutsPct),
      shadowWorse: fraction(shadowWorsePct),
      liveWorse: fraction(liveWorsePct),
      errorIncrease: fraction(errorIncreasePct),
    },
  };
}

const requestOf = (body: Body, key: string | undefined): RolloutRequest => ({
  ...{ sites: body.sites ?? null, zone: body.zone ?? null, note: body.note },
  stages: body.stages.map(stageOf),
  rules: rulesOf(body),
  ...(key === undefined ? {} : { idempotencyKey: key }),
});

/** A rollout is the whole tenant's: a token that is narrowed to some sites neither begins nor sees one. */
function wholeTenant(person: Person): Person {
  if (person.systems === null) return person;
  const detail = 'A rollout takes a token that is not narrowed to some sites.';
  throw new Problem(403, 'token-narrowed', detail);
}

const DESCRIPTION = `Offers each site its version, stage by stage: evaluated in shadow, to one site, to a share, to all. A stage begins when the models of the one before have served for \`soakHours\` and no threshold is passed. With \`dryRun\` it answers the plan with 200 and begins nothing. An \`Idempotency-Key\` makes repeating safe.`;

function startRoute(app: App, { control }: RolloutDependencies): void {
  app.post(
    '/rollouts',
    {
      config: { access: needs('ml:deploy'), refusals: [404, 409, 422] },
      schema: {
        tags,
        operationId: 'startRollout',
        summary: 'Roll versions out over many sites, or plan to',
        description: DESCRIPTION,
        headers: IdempotencyHeaders,
        body: RolloutBody,
        response: answers({ 200: RolloutPlanSchema, 202: RolloutSchema }),
      },
    },
    async (request, reply) => {
      const person = wholeTenant(personOf(request));
      const caller = callerOf(person);
      const wish = requestOf(request.body, request.headers['idempotency-key']);
      if (request.body.dryRun) {
        const { rules, ...plan } = await control.planRollout(caller, wish);
        return { ...plan, rules: presentRules(rules) };
      }
      const { rolloutId, created } = await control.startRollout(caller, wish);
      if (!created) reply.header('idempotent-replayed', 'true');
      reply.code(202).header('location', `/api/v1/rollouts/${rolloutId}`);
      return reply.send(presentRollout(await control.getRollout(caller, rolloutId)));
    },
  );
}

function readRoutes(app: App, { control, readModels }: RolloutDependencies): void {
  app.get(
    '/rollouts',
    {
      config: { access: needs('ml:read') },
      schema: {
        tags,
        operationId: 'listRollouts',
        summary: 'Rollouts, newest first',
        querystring: RolloutFilter,
        response: answers({ 200: RolloutPage }),
      },
    },
    async (request) => {
      const person = personOf(request);
      const query = { ...request.query, tenant: person.tenant, systemIds: listedSites(person) };
      const { items, nextCursor } = await readModels.list<RolloutDocument>('rollouts', query);
      return { items: items.map(presentRolloutRow), nextCursor };
    },
  );
  app.get(
    '/rollouts/:rolloutId',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'getRollout',
        summary: 'One rollout, as it stands',
        params: RolloutParams,
        response: answers({ 200: RolloutSchema }),
      },
    },
    async (request) =>
      presentRollout(await visibleRollout(control, personOf(request), request.params.rolloutId)),
  );
}

const MOVES = {
  pause: {
    operationId: 'pauseRollout',
    summary: 'Offer nothing new until it is resumed',
    description: 'Sites that have an offer answer it; their answers are recorded.',
    run: 'pauseRollout',
  },
  resume: {
    operationId: 'resumeRollout',
    summary: 'Let it go on',
    description: 'What a threshold counted until now counts no more. Refused while the fleet is stopped.',
    run: 'resumeRollout',
  },
  abort: {
    operationId: 'abortRollout',
    summary: 'End it, and offer every updated site what it ran before',
    description: 'Each site is offered its previous version once; the answers are recorded site by site.',
    run: 'abortRollout',
  },
} as const;

function moveRoute(app: App, { control }: RolloutDependencies, move: keyof typeof MOVES): void {
  const { operationId, summary, description, run } = MOVES[move];
  app.post(
    `/rollouts/:rolloutId/${move}`,
    {
      config: { access: needs('ml:deploy'), refusals: [404, 409] },
      schema: {
        ...{ tags, operationId, summary, description },
        params: RolloutParams,
        body: RolloutReasonBody,
        response: answers({ 200: RolloutSchema }),
      },
    },
    async (request) => {
      const person = personOf(request);
      const { rolloutId } = request.params;
      await visibleRollout(control, person, rolloutId);
      await control[run](callerOf(person), rolloutId, request.body.reason);
      return presentRollout(await control.getRollout(callerOf(person), rolloutId));
    },
  );
}

/** `/rollouts`: versions of many sites, stage by stage. */
export const rolloutRoutes =
  (dependencies: RolloutDependencies) =>
  async (app: App): Promise<void> => {
    startRoute(app, dependencies);
    readRoutes(app, dependencies);
    rolloutSitesRoute(app, dependencies);
    rolloutEventsRoute(app, dependencies);
    for (const move of ['pause', 'resume', 'abort'] as const) moveRoute(app, dependencies, move);
  };
