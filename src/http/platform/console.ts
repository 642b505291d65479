import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ConsoleAssets, ConsoleFile } from '../../ports/console-assets.ts';
import { open } from '../principal.ts';
import { Problem } from '../problem/problem.ts';

const ASSETS = '/ui/assets/';

function sendFile(request: FastifyRequest, reply: FastifyReply, file: ConsoleFile): FastifyReply {
  const { etag, cacheControl } = file;
  reply.headers({ etag, 'cache-control': cacheControl, vary: 'accept-encoding' });
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  reply.type(file.contentType);
  const zipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  return zipped ? reply.header('content-encoding', 'gzip').send(file.gzipped) : reply.send(file.body);
}

/** `/ui` and all below it: the console's page, which reads the address itself, and its files. */
export const consoleRoutes =
  ({ index, files, contentSecurityPolicy }: ConsoleAssets) =>
  async (app: FastifyInstance): Promise<void> => {
    const options = { config: { access: open }, schema: { hide: true } };
    const page = async (request: FastifyRequest, reply: FastifyReply) =>
      sendFile(
        request,
        reply.headers({
          'content-security-policy': contentSecurityPolicy,
          'cross-origin-opener-policy': 'same-origin',
        }),
        index,
      );
    app.get('/ui', options, page);
    app.get('/ui/*', options, async (request, reply) => {
      const path = request.url.split('?', 1)[0] ?? '';
      if (!path.startsWith(ASSETS)) return page(request, reply);
      const file = files.get(path);
      if (file === undefined)
        throw new Problem(404, 'no-such-file', 'The console has no such file: open /ui.');
      return sendFile(request, reply, file);
    });
  };
