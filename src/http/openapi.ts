import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify';
import { finishDocument } from './document/finish.ts';
import { isLimited } from './platform/rate-limits.ts';
import type { Access } from './principal.ts';
import { PROBLEM_EXAMPLES } from './problem/examples.ts';
import { PROBLEM_TITLES, Problem, type ProblemStatus, problemBody } from './problem/problem.ts';
import { emptyAnswer } from './schemas/answers.ts';
import { ProblemSchema } from './schemas/problem.ts';

/** The API document: made from the routes' own schemas, so that it cannot say what the routes do not do. */

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Refusals of this route beyond those that its credential, address and body imply. */
    refusals?: readonly ProblemStatus[];
  }
}

const withBody = (schema: FastifySchema): readonly ProblemStatus[] =>
  schema.body === undefined ? [] : [400, 413, 415];

const withFields = ({ params, querystring, headers }: FastifySchema): readonly ProblemStatus[] =>
  params === undefined && querystring === undefined && headers === undefined ? [] : [400];

/** What has a tag may be asked for by it. */
const isTagged = ({ method, url, schema }: RouteOptions): boolean => {
  const answer: unknown = Object(schema?.response)[200];
  return (
    method === 'GET' &&
    /^\/(api|schemas|asyncapi)\b/.test(url) &&
    typeof answer === 'object' &&
    !Object.hasOwn(answer ?? {}, 'content')
  );
};

const withCredential = (access: Access): readonly ProblemStatus[] =>
  access.kind === 'public' ? [] : [401, 403];

function securityOf(access: Access): readonly Record<string, readonly string[]>[] {
  const bearer = access.kind === 'public' ? [] : [{ token: [access.scope] }];
  switch (access.kind) {
    case 'public':
      return [];
    case 'optional':
      return [{}, ...bearer];
    case 'person':
      return bearer;
    case 'person-or-device':
      return [...bearer, { device: [] }];
  }
}

const EXAMPLE_ID = '8d6c0a4e-3b0f-4a57-9a43-5a3b3f6f2d10';

const problemResponse = (status: ProblemStatus) => ({
  description: PROBLEM_TITLES[status],
  content: {
    'application/problem+json': {
      schema: { $ref: 'Problem#' },
      example: problemBody(new Problem(status, ...PROBLEM_EXAMPLES[status]), EXAMPLE_ID),
    },
  },
});

const NOT_CHANGED = emptyAnswer('What `If-None-Match` names is still so.');

/** Adds to a route's schema the refusals and the credential that it implies. */
function complete(route: RouteOptions): FastifySchema | undefined {
  const { schema, config, url } = route;
  if (schema === undefined || config?.access === undefined) return schema;
  const statuses = new Set<ProblemStatus>([
    ...withBody(schema),
    ...withFields(schema),
    ...withCredential(config.access),
    ...(config.refusals ?? []),
    ...(isLimited(url) ? [429 as const] : []),
    500,
    503,
  ]);
  const problems = Object.fromEntries([...statuses].map((status) => [status, problemResponse(status)]));
  return {
    ...schema,
    security: securityOf(config.access),
    response: { ...problems, ...(isTagged(route) ? { 304: NOT_CHANGED } : {}), ...(schema.response ?? {}) },
  };
}

const DESCRIPTION = `Keeps the load forecasts of battery-storage sites good: trains, judges, ships and takes back forecasting models.

Send a token in \`Authorization: Bearer …\`; its scopes are listed at each call. Instants are ISO 8601 in UTC, power is in kW, accuracy in percent. Errors are problem details (RFC 9457): \`detail\` says what to do, \`code\` is stable for programs. Lists are newest first; \`nextCursor\` continues them. JSON answers carry an \`ETag\`: send it as \`If-None-Match\` to hear 304 while nothing changed, and, where a call takes it, as \`If-Match\` to be stopped by 412 when somebody else changed it. Calls are limited by token: \`RateLimit-*\` headers tell how many are left in the minute.`;

export async function installApiDocument(app: FastifyInstance, version: string): Promise<void> {
  app.addSchema(ProblemSchema);
  app.addHook('onRoute', (route) => {
    const completed = complete(route);
    if (completed !== undefined) route.schema = completed;
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'lifo4-ml',
        version,
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          device: { type: 'http', scheme: 'basic', description: 'Device id and secret, for its own site.' },
        },
      },
    },
    transformObject: (made) =>
      'openapiObject' in made ? finishDocument(made.openapiObject) : made.swaggerObject,
    refResolver: {
      buildLocalReference: ({ $id }, _baseUri, _fragment, index) => String($id ?? `def-${index}`),
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
}
