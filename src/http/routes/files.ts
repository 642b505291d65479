import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { NotFound } from '../../cloud/control-plane.ts';
import { streamId } from '../../events/stream-id.ts';
import type { ArtifactRef } from '../../events/values.ts';
import type { EventLog } from '../../ports/event-log.ts';
import { sendArtifact } from '../artifact-file.ts';
import { principalOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { needsOrDevice } from '../principal.ts';
import { Problem } from '../problem/problem.ts';
import { answers, emptyAnswer, mediaAnswer } from '../schemas/answers.ts';
import { FileHeaders, FileParams } from '../schemas/files.ts';
import { visibleSite } from '../visible.ts';

type FileRequest = FastifyRequest<{ Params: Static<typeof FileParams> }>;
type FileDependencies = Pick<HttpDependencies, 'control' | 'log' | 'artifacts'>;

/** The version that a file name stands for. Only ONNX is served: a pickle runs code when it is loaded. */
function versionOf(file: string): string {
  const [, version, extension] = /^v(\d+\.\d+\.\d+)\.([a-z0-9]+)$/.exec(file) ?? [];
  if (version === undefined)
    throw new Problem(
      404,
      'model-not-found',
      'A model file is named v{version}.onnx, for example v1.3.0.onnx.',
    );
  if (extension !== 'onnx') {
    throw new Problem(415, 'unsupported-format', `Models are ONNX files: ask for v${version}.onnx.`);
  }
  return version;
}

/**
 * The file of a version, read from the log itself: a device may come for it before the lists have caught up.
 * Throws `NotFound`.
 */
async function artifactOf(log: EventLog, systemId: string, version: string): Promise<ArtifactRef> {
  const jobId = await log.lookup('model-version', `${systemId}/${version}`);
  const facts = jobId === null ? [] : await log.readStream(streamId('training-job', jobId));
  const evaluated = facts.find(({ fact }) => fact.type === 'ModelEvaluated');
  if (evaluated === undefined) throw new NotFound('model', version, 'check the version');
  return (evaluated.fact.data as { readonly artifact: ArtifactRef }).artifact;
}

/** `/models/{systemId}/v{version}.onnx`: the stable address of a model's file. */
export const fileRoutes =
  (dependencies: FileDependencies) =>
  async (app: App): Promise<void> => {
    const handler = async (request: FileRequest, reply: FastifyReply) => {
      const { systemId, file } = request.params;
      await visibleSite(dependencies.control, principalOf(request), systemId);
      const artifact = await artifactOf(dependencies.log, systemId, versionOf(file));
      return sendArtifact(dependencies.artifacts, request, reply, artifact);
    };
    // Its own route, so that the answer tells the file's length.
    app.head(
      '/models/:systemId/:file',
      {
        config: { access: needsOrDevice('ml:read') },
        schema: { hide: true, params: FileParams, headers: FileHeaders },
      },
      handler,
    );
    app.get(
      '/models/:systemId/:file',
      {
        exposeHeadRoute: false,
        config: { access: needsOrDevice('ml:read'), refusals: [404, 415, 416] },
        schema: {
          tags: ['models'],
          operationId: 'getModelFile',
          summary: 'The ONNX file of a model version',
          description:
            'Never expires; answers ranges, so that an interrupted download can go on. ETag is the checksum.',
          params: FileParams,
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
