import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { ArtifactMissing } from '../../ports/artifact-store.ts';
import type { SignatureVerdict } from '../../ports/signed-addresses.ts';
import { sendArtifact } from '../artifact-file.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { open } from '../principal.ts';
import { Problem } from '../problem/problem.ts';
import { answers, emptyAnswer, mediaAnswer } from '../schemas/answers.ts';
import { FileHeaders, SignatureQuery, SignedFileParams } from '../schemas/files.ts';

type SignedRequest = FastifyRequest<{
  Params: Static<typeof SignedFileParams>;
  Querystring: Static<typeof SignatureQuery>;
}>;

function refuse(verdict: SignatureVerdict): void {
  switch (verdict) {
    case 'valid':
      return;
    case 'expired':
      throw new Problem(403, 'address-expired', 'This address has expired: ask for a new one.');
    case 'invalid':
      throw new Problem(403, 'address-invalid', 'This address was not signed here: ask for a new one.');
  }
}

/** `/artifacts/{checksum}`: files of a store that signs its own addresses; the address is the permission. */
export const signedFileRoutes =
  ({ artifacts }: Pick<HttpDependencies, 'artifacts'>) =>
  async (app: App): Promise<void> => {
    const handler = async (request: SignedRequest, reply: FastifyReply) => {
      const { checksum } = request.params;
      refuse(artifacts.verifySignature?.({ checksum, ...request.query }) ?? 'invalid');
      const size = await artifacts.size(checksum);
      if (size === null) throw new ArtifactMissing(checksum);
      return sendArtifact(artifacts, request, reply, { checksum, size });
    };
    app.get(
      '/artifacts/:checksum',
      {
        exposeHeadRoute: false,
        config: { access: open, refusals: [403, 404, 416] },
        schema: {
          tags: ['models'],
          operationId: 'getSignedFile',
          summary: 'A stored file at an address that was signed for it',
          params: SignedFileParams,
          querystring: SignatureQuery,
          headers: FileHeaders,
          response: answers({
            200: mediaAnswer('The file.', 'application/octet-stream'),
            206: mediaAnswer('A part of the file.', 'application/octet-stream'),
            304: emptyAnswer('The caller has it.'),
          }),
        },
      },
      handler,
    );
  };
