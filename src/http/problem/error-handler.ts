import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { requestLog } from '../platform/request-log.ts';
import { problemOf } from './from-error.ts';
import { Problem, problemBody } from './problem.ts';

function answer(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .headers({ ...problem.headers })
    .type('application/problem+json')
    .send(problemBody(problem, request.id));
}

/** Paths as patterns with the methods they answer, so that a wrong method is told apart from a wrong path. */
function createMethodsByPath() {
  const patterns = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  return {
    add(url: string, methods: string | readonly string[]): void {
      const source = url.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll(/:[A-Za-z]+/g, '[^/]+');
      const entry = patterns.get(url) ?? {
        pattern: new RegExp(`^${source.replaceAll('*', '.*')}$`),
        methods: new Set(),
      };
      for (const method of [methods].flat()) entry.methods.add(method);
      patterns.set(url, entry);
    },
    of(path: string): readonly string[] {
      const found = [...patterns.values()].filter(({ pattern }) => pattern.test(path));
      return [...new Set(found.flatMap(({ methods }) => [...methods]))];
    },
  };
}

function missing(path: string, allowed: readonly string[]): Problem {
  if (allowed.length === 0) {
    return new Problem(404, 'no-such-address', 'Nothing is at this address: GET /docs lists every call.');
  }
  const allow = allowed.join(', ');
  return new Problem(405, 'method-not-allowed', `${path.slice(0, 100)} answers ${allow} only.`, {
    headers: { allow },
  });
}

/** The one way from an error to an answer; what is our fault is logged with all that we know. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error);
  if (problem.status >= 500) requestLog(request).error({ err: error, code: problem.code }, 'request failed');
  return answer(request, reply, problem);
}

export function installErrorHandler(app: FastifyInstance): void {
  const methods = createMethodsByPath();
  app.addHook('onRoute', ({ url, method }) => methods.add(url, method));
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    return answer(request, reply, missing(path, methods.of(path)));
  });
}
