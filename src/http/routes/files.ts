import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { NotFound } from '../../cloud/refusals.ts';
import { evaluationOf, versionFile } from '../../cloud/version-file.ts';
import { type ArtifactRef, MODEL_TYPES, type ModelType } from '../../events/values.ts';
import type { EventLog } from '../../ports/event-log.ts';
import { sendArtifact } from '../artifact-file.ts';
import { principalOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { needsOrDevice } from '../principal.ts';
import { Problem } from '../problem/problem.ts';
import { answers, emptyAnswer, mediaAnswer } from '../schemas/answers.ts';
import { FileHeaders, FileParams, MemberFileParams } from '../schemas/files.ts';
import { visibleSite } from '../visible.ts';

type AnyFileRequest = FastifyRequest<{ Params: Static<typeof FileParams> | Static<typeof MemberFileParams> }>;
type FileDependencies = Pick<HttpDependencies, 'control' | 'log' | 'artifacts'>;

/** A file of a version: the ensemble's has no model type in its address. */
interface WantedFile {
  readonly version: string;
  readonly modelType: ModelType;
}

const SHAPE =
  'v{version}.onnx or v{version}/{modelType}.onnx, for example v1.3.0.onnx or v1.3.0/xgboost.onnx';

const isModelType = (text: string): text is ModelType => MODEL_TYPES.some((type) => type === text);

/** The file that an address stands for. Only ONNX is served: a pickle runs code when it is loaded. */
function wantedFile(address: string): WantedFile {
  const [, version, modelType = 'ensemble', extension] =
    /^v(\d+\.\d+\.\d+)(?:\/([a-z]+))?\.([a-z0-9]+)$/.exec(address) ?? [];
  if (version === undefined || !isModelType(modelType))
    throw new Problem(404, 'model-not-found', `A model file is named ${SHAPE}.`);
  if (extension !== 'onnx') {
    throw new Problem(415, 'unsupported-format', `Models are ONNX files: ask for ${SHAPE}.`);
  }
  return { version, modelType };
}

/**
 * The file of a version, read from the log itself: a device may come for it before the lists have caught up.
 * Throws `NotFound`.
 */
async function artifactOf(log: EventLog, systemId: string, wanted: WantedFile): Promise<ArtifactRef> {
  const { version, modelType } = wanted;
  const evaluated = await evaluationOf(log, systemId, version);
  if (evaluated === null) throw new NotFound('model', version, 'check the version');
  const file = versionFile(evaluated, modelType);
  if (file !== null) return file;
  const hint = 'the version’s page lists its files; ARIMA never has one';
  throw new NotFound('model', `${version}/${modelType}`, hint);
}

const schema = {
  tags: ['models'],
  description:
    'Never expires; answers ranges, so that an interrupted download can go on. ETag is the checksum.',
  headers: FileHeaders,
  response: answers({
    200: mediaAnswer('The file.', 'application/octet-stream'),
    206: mediaAnswer('A part of the file.', 'application/octet-stream'),
    304: emptyAnswer('The caller has it.'),
  }),
};

/** `/models/{systemId}/v{version}.onnx` and `…/v{version}/{modelType}.onnx`: the stable addresses of a model's files. */
export const fileRoutes =
  (dependencies: FileDependencies) =>
  async (app: App): Promise<void> => {
    const handler = async (request: AnyFileRequest, reply: FastifyReply) => {
      const { systemId, file, ...rest } = request.params;
      await visibleSite(dependencies.control, principalOf(request), systemId);
      const wanted = wantedFile('version' in rest ? `${rest.version}/${file}` : file);
      const artifact = await artifactOf(dependencies.log, systemId, wanted);
      return sendArtifact(dependencies.artifacts, request, reply, artifact);
    };
    const access = needsOrDevice('ml:read');
    const config = { access, refusals: [404, 415, 416] } as const;
    const version = { ...schema, params: FileParams, operationId: 'getModelFile' };
    const member = { ...schema, params: MemberFileParams, operationId: 'getMemberFile' };
    const summaries = [
      'The ONNX file of a model version',
      'The ONNX file of one model of a version',
    ] as const;
    // Heads have routes of their own, so that the answer tells the file's length.
    for (const [url, one, summary] of [
      ['/models/:systemId/:file', version, summaries[0]],
      ['/models/:systemId/:version/:file', member, summaries[1]],
    ] as const) {
      const { params, headers } = one;
      app.head(url, { config: { access }, schema: { hide: true, params, headers } }, handler);
      app.get(url, { exposeHeadRoute: false, config, schema: { ...one, summary } }, handler);
    }
  };
