import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const HEADERS: readonly (readonly [string, string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['x-frame-options', 'DENY'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['cache-control', 'no-store'],
];

/** Sets what every answer carries; a route that set one of these itself keeps its own. */
export function protect(request: FastifyRequest, reply: FastifyReply): void {
  for (const [name, value] of HEADERS) {
    if (!reply.hasHeader(name)) reply.header(name, value);
  }
  if (request.protocol === 'https' && !reply.hasHeader('strict-transport-security'))
    reply.header('strict-transport-security', 'max-age=31536000');
  reply.header('x-request-id', request.id);
}

export function installSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    protect(request, reply);
    done(null, payload);
  });
}
