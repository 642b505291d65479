import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../problem/problem.ts';

/** Answers by what they say: whoever has the same already is told so, and whoever writes over news is stopped. */

const HASH_CHARACTERS = 27;

/** The tag of a JSON body: the same for the same text, on every node. */
const etagOf = (body: string): string =>
  `"${createHash('sha256').update(body).digest('base64url').slice(0, HASH_CHARACTERS)}"`;

/** Whether a list of tags (RFC 9110, section 13.1) names this one; proxies that pack answers weaken tags. */
function names(header: string, etag: string): boolean {
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}

/** Answers that say nothing of caching, as everything but files does. */
const mayTag = ({ method }: FastifyRequest, reply: FastifyReply, payload: unknown): payload is string =>
  (method === 'GET' || method === 'HEAD') &&
  reply.statusCode === 200 &&
  typeof payload === 'string' &&
  reply.getHeader('cache-control') === 'no-store' &&
  String(reply.getHeader('content-type')).startsWith('application/json');

/** Tags every JSON answer to a read, and answers 304 to whoever names the tag in `If-None-Match`. */
export function installEtags(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    if (!mayTag(request, reply, payload)) return done(null, payload);
    const etag = etagOf(payload);
    reply.headers({ etag, 'cache-control': 'private, no-cache', vary: 'authorization' });
    if (!names(request.headers['if-none-match'] ?? '', etag)) return done(null, payload);
    reply.code(304).removeHeader('content-type').removeHeader('content-length');
    done(null, null);
  });
}

/**
 * Holds `If-Match` against what a read answers now; a request without one is let through. Throws a 412 problem when
 * somebody changed it since the caller read it.
 */
export function checkMatch({ headers }: Pick<FastifyRequest, 'headers'>, current: object): void {
  const wanted = headers['if-match'];
  if (wanted === undefined || names(wanted, etagOf(JSON.stringify(current)))) return;
  throw new Problem(
    412,
    'changed-meanwhile',
    'Somebody else changed this since you read it: read it again, and repeat what you still want.',
  );
}
