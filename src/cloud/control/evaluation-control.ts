import { streamId } from '../../events/stream-id.ts';
import { evaluation } from '../../machines/evaluation.ts';
import { EvaluationRefused } from '../../ports/evaluator.ts';
import type { Caller, ControlPlane, EvaluationAnswer, EvaluationRequest } from '../control-plane.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { evaluationOrder, resultOf } from '../evaluation-order.ts';
import { Invalid, NotFound, VersionUnusable } from '../refusals.ts';
import { loadEvaluation, loadJob, loadSite } from '../streams.ts';
import { readVersionFile } from '../version-artifact.ts';
import { versionFile } from '../version-file.ts';
import { evaluationAnswer } from './evaluation-answer.ts';
import { originOf, ownSite } from './site-control.ts';

type EvaluationControl = Pick<
  ControlPlane,
  'evaluate' | 'requestEvaluation' | 'readEvaluation' | 'cancelEvaluation'
>;

const VERSION_HINT = 'list the site’s versions with GET /api/v1/ml/systems/{id}/models';
const FILE_HINT = 'the version’s page lists its files';
const EVALUATION_HINT = 'check the id';

/** A refused evaluation is a refused request: the same would be refused again. */
function refusalOf(error: unknown): unknown {
  return error instanceof EvaluationRefused ? new Invalid(error.code, error.message) : error;
}

export function createEvaluationControl(cloud: CloudDependencies): EvaluationControl {
  const { actors, artifacts, evaluator, log, newId, queue } = cloud;

  async function evaluatedOf(systemId: string, version: string) {
    const jobId = await log.lookup('model-version', `${systemId}/${version}`);
    const evaluated = jobId === null ? null : (await loadJob(actors, jobId)).stage.context.evaluation;
    if (evaluated === null) throw new NotFound('model version', version, VERSION_HINT);
    return evaluated;
  }

  async function fileOf({ systemId, modelVersion: version, modelType }: EvaluationRequest) {
    const evaluated = await evaluatedOf(systemId, version);
    if (modelType === undefined) return { artifact: evaluated.artifact, modelType: evaluated.modelType };
    const artifact = versionFile(evaluated, modelType);
    if (artifact === null) throw new NotFound('model', `${version}/${modelType}`, FILE_HINT);
    return { artifact, modelType };
  }

  async function evaluate(
    caller: Caller,
    request: EvaluationRequest,
    signal: AbortSignal,
  ): Promise<EvaluationAnswer> {
    const { systemId, modelVersion } = request;
    const { settings } = ownSite(caller, systemId, await loadSite(actors, systemId));
    const { artifact } = await fileOf(request);
    const bytes = await readVersionFile(artifacts, modelVersion, artifact.checksum);
    if ('code' in bytes) throw new VersionUnusable(bytes.code, bytes.message);
    const order = await evaluationOrder(cloud, systemId, settings, request);
    return evaluationAnswer(resultOf(await evaluator.evaluate({ ...order, artifact: bytes }, signal)));
  }

  const requestEvaluation: EvaluationControl['requestEvaluation'] = async (caller, request) => {
    const { systemId, modelVersion: version, startDate, endDate } = request;
    const { tenant } = ownSite(caller, systemId, await loadSite(actors, systemId));
    const file = await fileOf(request);
    if ((await artifacts.size(file.artifact.checksum)) === null) {
      const trouble = await readVersionFile(artifacts, version, file.artifact.checksum);
      if ('code' in trouble) throw new VersionUnusable(trouble.code, trouble.message);
    }
    const evaluationId = newId();
    const asked = { evaluationId, systemId, tenant, version, ...file, startDate, endDate };
    const origin = originOf(caller, systemId, evaluationId);
    const stream = streamId('evaluation', evaluationId);
    await actors.send(evaluation, stream, { type: 'request', request: asked }, origin);
    return evaluationId;
  };

  const readEvaluation: EvaluationControl['readEvaluation'] = async (caller, evaluationId) => {
    const { stage, facts, streamId: stream } = await loadEvaluation(actors, evaluationId);
    const { request } = stage.context;
    if (request === null || request.tenant !== caller.tenant)
      throw new NotFound('evaluation', evaluationId, EVALUATION_HINT);
    return { stage, request, facts, effects: await queue.ofStream(stream) };
  };

  const cancelEvaluation: EvaluationControl['cancelEvaluation'] = async (caller, evaluationId, reason) => {
    const { request } = await readEvaluation(caller, evaluationId);
    const origin = originOf(caller, request.systemId, evaluationId);
    const stream = streamId('evaluation', evaluationId);
    await actors.send(evaluation, stream, { type: 'cancel', reason }, origin);
  };

  return {
    evaluate: (caller, request, signal) =>
      evaluate(caller, request, signal).catch((error: unknown) => {
        throw refusalOf(error);
      }),
    requestEvaluation,
    readEvaluation,
    cancelEvaluation,
  };
}
