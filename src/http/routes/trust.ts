import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import type { MetadataFile, TrustStore } from '../../ports/trust-store.ts';
import type { App } from '../dependencies.ts';
import { needsOrDevice } from '../principal.ts';
import { Problem } from '../problem/problem.ts';
import { answers, mediaAnswer } from '../schemas/answers.ts';
import { closed } from '../schemas/common.ts';

const compress = promisify(gzip);

const TIMESTAMP = 'timestamp.json';
const VERSIONED = /^(\d{1,9})\.([a-z0-9-]{1,40})\.json$/;

const Params = Type.Object(
  { file: Type.String({ maxLength: 80, examples: ['timestamp.json', '7.snapshot.json'] }) },
  closed,
);

/** Files below this size gain nothing. */
const WORTH_PACKING = 1_000;
/** A fleet that is offered models at the same time asks for the same few files. */
const MOST_CACHED = 64;

interface Packed {
  readonly body: string;
  readonly packed: Buffer | null;
}

const pack = async (body: string): Promise<Packed> => ({
  body,
  packed: body.length < WORTH_PACKING ? null : await compress(body),
});

/** Versions of files, which never change once they are written. */
function createFiles(store: Pick<TrustStore, 'latest' | 'read'>) {
  const cached = new Map<string, Promise<Packed | null>>();
  const packedOf = async (file: Promise<MetadataFile | null>): Promise<Packed | null> => {
    const found = await file;
    return found === null ? null : pack(found.body);
  };
  function remember(name: string, packed: Promise<Packed | null>): void {
    const oldest = cached.keys().next().value;
    if (cached.size >= MOST_CACHED && oldest !== undefined) cached.delete(oldest);
    cached.set(name, packed);
    // One that is not there yet may come.
    const forget = () => cached.delete(name);
    packed.then((found) => found ?? forget(), forget);
  }
  function versionOf(name: string, role: string, version: number): Promise<Packed | null> {
    const known = cached.get(name);
    if (known !== undefined) return known;
    const packed = packedOf(store.read(role, version));
    remember(name, packed);
    return packed;
  }
  return async (name: string): Promise<Packed | null> => {
    if (name === TIMESTAMP) return packedOf(store.latest('timestamp'));
    const [, version, role] = VERSIONED.exec(name) ?? [];
    return version === undefined || role === undefined ? null : versionOf(name, role, Number(version));
  };
}

/** A version never changes; what is newest is asked for each time. */
function sendFile(reply: FastifyReply, isFixed: boolean, { body, packed }: Packed): FastifyReply {
  reply.header('cache-control', isFixed ? 'private, max-age=31536000, immutable' : 'private, no-cache');
  reply.header('vary', 'accept-encoding').type('application/json');
  const mayPack = /\bgzip\b/.test(String(reply.request.headers['accept-encoding']));
  if (packed === null || !mayPack) return reply.send(body);
  return reply.header('content-encoding', 'gzip').send(packed);
}

/** `/tuf/{file}`: the signed metadata by which devices verify models. */
export const trustRoutes =
  ({ trust }: { readonly trust: Pick<TrustStore, 'latest' | 'read'> }) =>
  async (app: App): Promise<void> => {
    const fileOf = createFiles(trust);
    app.get(
      '/tuf/:file',
      {
        config: { access: needsOrDevice('ml:read'), refusals: [404] },
        schema: {
          tags: ['models'],
          operationId: 'getTrustMetadata',
          summary: 'A file of the signed metadata that devices verify models by',
          description:
            'The Update Framework 1.0: `timestamp.json`, and `{version}.{role}.json` of root, snapshot, targets and bins.',
          params: Params,
          response: answers({ 200: mediaAnswer('The file.', 'application/json') }),
        },
      },
      async ({ params: { file } }, reply) => {
        const found = await fileOf(file);
        if (found === null)
          throw new Problem(404, 'metadata-not-found', `There is no ${file}: ask for ${TIMESTAMP}.`);
        return sendFile(reply, file !== TIMESTAMP, found);
      },
    );
  };
