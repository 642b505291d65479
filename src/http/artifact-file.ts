import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ArtifactRef } from '../events/values.ts';
import { ArtifactMissing, type ArtifactStore } from '../ports/artifact-store.ts';
import { rangeOf } from './byte-range.ts';

/** Sends a stored file, or the part that was asked for; `ETag` is its checksum. Throws `ArtifactMissing`. */
export async function sendArtifact(
  artifacts: ArtifactStore,
  { headers, method }: FastifyRequest,
  reply: FastifyReply,
  { checksum, size }: ArtifactRef,
): Promise<FastifyReply> {
  const etag = `"${checksum}"`;
  reply.headers({ etag, 'accept-ranges': 'bytes', 'cache-control': 'private, no-cache' });
  if (headers['if-none-match'] === etag) return reply.code(304).send();
  const current = headers['if-range'] === undefined || headers['if-range'] === etag;
  const range = current ? rangeOf(headers.range, size) : null;
  const { start, end } = range ?? { start: 0, end: size - 1 };
  if ((await artifacts.size(checksum)) === null) throw new ArtifactMissing(checksum);
  if (range !== null) reply.code(206).header('content-range', `bytes ${start}-${end}/${size}`);
  reply.type('application/octet-stream').header('content-length', end - start + 1);
  if (method === 'HEAD') return reply.send();
  return reply.send(Readable.from(await artifacts.read(checksum, { start, end }), { objectMode: false }));
}
