import type { FastifyInstance } from 'fastify';
import { Problem } from '../problem/problem.ts';

const notJson = (): Problem =>
  new Problem(
    415,
    'unsupported-media-type',
    'A form body is read only when it is JSON, as `curl -d` sends it: send a JSON object, best with Content-Type: application/json.',
  );

/**
 * `curl -d '{…}'` labels its body as a form. Since no call here takes a form, such a body is read as JSON when
 * it is JSON and refused otherwise. Tokens travel in a header, so this opens no cross-site request.
 */
export function installBodyParsers(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (request, body, done) => {
      if (!String(body).trimStart().startsWith('{')) done(notJson());
      else void parseJson(request, String(body), done);
    },
  );
}
