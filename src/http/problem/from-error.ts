import {
  Invalid,
  JobRunning,
  NotFound,
  type RestoreRefusal,
  RestoreRefused,
  RolloutRefused,
  VersionUnusable,
} from '../../cloud/refusals.ts';
import { IllegalCommand } from '../../machines/lifecycle.ts';
import { ArtifactMissing } from '../../ports/artifact-store.ts';
import { RegistryConflict, VersionConflict } from '../../ports/event-log.ts';
import { InvalidCursor } from '../../ports/read-models.ts';
import { InvalidReading, TelemetryUnfit } from '../../ports/telemetry.ts';
import { TrainingRefused } from '../../ports/trainer.ts';
import { Unavailable } from '../../ports/unavailable.ts';
import { Problem, type ProblemStatus } from './problem.ts';

/** What to check when something was not found; the same words whether it is unknown or another tenant's. */
const HINTS: Readonly<Record<string, string>> = {
  site: 'check the id, or register the site with PUT /api/v1/systems/{systemId}',
  'training job': 'check the id, or list the jobs with GET /api/v1/ml/training-jobs',
  deployment: 'check the id, or list the deployments with GET /api/v1/ml/deployments',
  'model version': 'list the versions with GET /api/v1/ml/systems/{systemId}/models',
  model: 'check the version, or list the versions with GET /api/v1/ml/systems/{systemId}/models',
  alert: 'check the id, or list the alerts with GET /api/v1/ml/alerts',
  evaluation: 'check the id that POST /api/v1/ml/evaluate answered with',
  rollout: 'check the id, or list the rollouts with GET /api/v1/rollouts',
  device: 'the site’s active device stands in GET /api/v1/systems/{systemId}',
  forecast: 'the site’s device has not sent one yet; it does so each hour once it runs a model',
  machine: 'GET /api/v1/machines lists them',
  stream: 'check its type and id',
  'fact type': 'GET /schemas lists them',
};

const shown = (id: string): string => JSON.stringify(id.slice(0, 80));

function fromNotFound({ what, id }: NotFound): Problem {
  const hint = HINTS[what] ?? 'check the id';
  return new Problem(404, `${what.replaceAll(' ', '-')}-not-found`, `No ${what} ${shown(id)}: ${hint}.`);
}

const RESTORE_STATUS: Readonly<Record<RestoreRefusal, ProblemStatus>> = {
  'site-decommissioned': 409,
  'no-device': 409,
  'not-judged-yet': 409,
  'already-running': 409,
  'restore-under-way': 409,
  'artifact-gone': 410,
  'artifact-corrupt': 409,
  'key-names-another': 422,
};

function fromRestore({ code, message, deploymentId }: RestoreRefused): Problem {
  const members = deploymentId === null ? {} : { deploymentId };
  return new Problem(RESTORE_STATUS[code], code, `${message}.`, { members });
}

function fromRollout({ code, message, rolloutId }: RolloutRefused): Problem {
  const members = rolloutId === null ? {} : { rolloutId };
  return new Problem(409, code, `${message}.`, { members });
}

function fromDomain(error: unknown): Problem | null {
  if (error instanceof NotFound) return fromNotFound(error);
  if (error instanceof JobRunning) {
    const { jobId } = error;
    return new Problem(409, 'job-running', `${error.message}.`, { members: { jobId } });
  }
  if (error instanceof VersionUnusable)
    return new Problem(RESTORE_STATUS[error.code], error.code, `${error.message}.`);
  if (error instanceof RestoreRefused) return fromRestore(error);
  if (error instanceof RolloutRefused) return fromRollout(error);
  if (error instanceof Invalid || error instanceof TrainingRefused)
    return new Problem(422, error.code, error.message);
  if (error instanceof IllegalCommand) {
    const { state, legalFacts } = error;
    return new Problem(409, 'not-possible-now', error.message, { members: { state, legalFacts } });
  }
  return fromStores(error);
}

function fromStores(error: unknown): Problem | null {
  if (error instanceof VersionConflict || error instanceof RegistryConflict) {
    return new Problem(
      409,
      'changed-meanwhile',
      'Somebody else changed this meanwhile: read it again and repeat.',
    );
  }
  if (error instanceof InvalidCursor) return new Problem(400, 'invalid-cursor', `${error.message}.`);
  if (error instanceof InvalidReading) return new Problem(400, 'invalid-reading', `${error.message}.`);
  if (error instanceof ArtifactMissing) {
    return new Problem(404, 'artifact-missing', `The file ${error.checksum} is no longer in the store.`);
  }
  return null;
}

type Refusal = (message: string) => Problem;

const badRequest =
  (code: string, detail: string): Refusal =>
  () =>
    new Problem(400, code, detail);

const INVALID_JSON = badRequest(
  'invalid-json',
  'The body is not JSON: check quotes, commas and that numbers are finite.',
);
const BAD_ADDRESS = badRequest(
  'invalid-address',
  'The address cannot be decoded: percent-encode special characters.',
);

/** Errors of the HTTP framework, by code, in our words. */
const FRAMEWORK: Readonly<Record<string, Refusal>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new Problem(415, 'unsupported-media-type', 'Send the body as JSON with Content-Type: application/json.'),
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new Problem(
      413,
      'body-too-large',
      'The body is too large: send at most 1 MB of JSON, or readings as text/csv in parts of at most 20 MB.',
    ),
  FST_ERR_CTP_EMPTY_JSON_BODY: badRequest(
    'empty-body',
    'The body is empty: send a JSON object, or no Content-Type.',
  ),
  FST_ERR_CTP_INVALID_JSON_BODY: INVALID_JSON,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: badRequest(
    'incomplete-body',
    'The body is not as long as Content-Length says: send it again.',
  ),
  FST_ERR_BAD_URL: BAD_ADDRESS,
  FST_ERR_MAX_PARAM_LENGTH: badRequest(
    'id-too-long',
    'An id in the address is too long: ids have at most 100 characters.',
  ),
  FST_ERR_HANDLER_TIMEOUT: () => unavailable('The answer took too long: try again later.'),
};

/** Codes of Node and PostgreSQL that mean: not reachable, or starting, or out of connections. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  '57P01',
  '57P03',
  '53300',
]);

export const unavailable = (detail: string): Problem =>
  new Problem(503, 'unavailable', detail, { headers: { 'retry-after': '5' } });

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

function statusOf(error: unknown): number {
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500;
  return typeof status === 'number' ? status : 500;
}

/** The answer to any error that a handler, a hook or the framework throws. Nothing internal gets out. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const code = codeOf(error);
  const known = fromDomain(error) ?? FRAMEWORK[code]?.(code) ?? null;
  if (known !== null) return known;
  if (UNREACHABLE.has(code) || error instanceof Unavailable || error instanceof TelemetryUnfit)
    return unavailable('A part of the service is not reachable: try again in a few seconds.');
  return statusOf(error) < 500
    ? new Problem(400, 'bad-request', 'The request cannot be read: check its headers, address and body.')
    : new Problem(
        500,
        'internal',
        'This is our fault and was logged: try again, and report the instance if it stays.',
      );
}
