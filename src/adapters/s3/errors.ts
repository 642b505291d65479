import { speaksNoTls } from '../../ports/no-tls.ts';
import { Unavailable } from '../../ports/unavailable.ts';

type S3Failure =
  | 'unreachable'
  | 'login-refused'
  | 'not-permitted'
  | 'wrong-region'
  | 'bad-bucket-name'
  | 'clock-off'
  | 'not-s3';

/** The object store cannot be used as it is set up; the message begins with the setting to change. */
export class S3Unfit extends Error {
  override readonly name = 'S3Unfit';
  readonly failure: S3Failure;
  readonly endpoint: string;

  constructor(failure: S3Failure, endpoint: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.failure = failure;
    this.endpoint = endpoint;
  }
}

/** The object store did not answer although it was asked again and again. Nothing was half-done: ask later. */
export class S3Unavailable extends Unavailable {
  override readonly name = 'S3Unavailable';
  readonly endpoint: string;
  readonly bucket: string;

  constructor(endpoint: string, bucket: string, cause: unknown) {
    const reason = reasonOf(cause);
    super(
      `the object store at ${endpoint} (S3_ENDPOINT), bucket ${bucket}, does not answer: ${reason}; it is asked again later`,
      { cause },
    );
    this.endpoint = endpoint;
    this.bucket = bucket;
  }
}

/** The first line that says something; connection errors to several addresses have an empty message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || codeOf(error) || error.name;
}

/** S3's own code of a refusal, the system's code of a connection error, or nothing. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const ABSENT = ['NoSuchKey', 'NotFound'];

export const isAbsent = (error: unknown): boolean => ABSENT.includes(codeOf(error));

const PASSING_CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN'],
  ...['ENOTFOUND', 'ERR_STREAM_PREMATURE_CLOSE', 'SlowDown', 'InternalError', 'ServiceUnavailable'],
  ...['RequestTimeout', 'OperationAborted', 'XMinioServerNotInitialized', 'SlowDownRead', 'SlowDownWrite'],
]);

/** A server that is away, busy or restarting: the same request may pass later. */
export function mayPass(error: unknown): boolean {
  if (PASSING_CODES.has(codeOf(error))) return true;
  return error instanceof Error && /Retryable HTTP status|aborted|socket hang up/.test(error.message);
}

type Explanation = readonly [S3Failure, string];

const LOGIN: Explanation = [
  'login-refused',
  'S3_ACCESS_KEY, S3_SECRET_KEY: the object store refuses this login; check both',
];

/** What a refusal at the start means and which setting mends it. */
function explanationOf(code: string, bucket: string): Explanation | null {
  switch (code) {
    case 'InvalidAccessKeyId':
    case 'SignatureDoesNotMatch':
      return LOGIN;
    case 'AccessDenied':
    case 'AllAccessDisabled':
      return [
        'not-permitted',
        `S3_BUCKET: this login may not use the bucket ${bucket}; grant it reading, writing and deleting there, or name another bucket`,
      ];
    case 'AuthorizationHeaderMalformed':
    case 'PermanentRedirect':
    case 'MovedPermanently':
    case 'InvalidRegion':
    case 'IllegalLocationConstraintException':
      return ['wrong-region', `S3_REGION: the bucket ${bucket} is in another region; set that one`];
    case 'BucketAlreadyExists':
      return [
        'not-permitted',
        `S3_BUCKET: the bucket ${bucket} belongs to somebody else; choose another name`,
      ];
    case 'InvalidBucketName':
      return [
        'bad-bucket-name',
        'S3_BUCKET: write 3 to 63 lower-case letters, digits and hyphens, such as lifo4-ml',
      ];
    case 'RequestTimeTooSkewed':
      return [
        'clock-off',
        "S3_ENDPOINT: this machine's clock and the object store's are far apart; set the clock",
      ];
  }
  return null;
}

/** The client checks the bucket's name by itself. */
const codeAtStart = (error: unknown): string =>
  error instanceof Error && error.name === 'InvalidBucketNameError' ? 'InvalidBucketName' : codeOf(error);

/** Why the store cannot be used; for errors at the start. */
export function explain(error: unknown, endpoint: string, bucket: string): S3Unfit {
  const known = explanationOf(codeAtStart(error), bucket);
  if (known !== null) return new S3Unfit(known[0], endpoint, known[1], error);
  if (mayPass(error)) {
    const message = `S3_ENDPOINT: the object store at ${endpoint} does not answer (${reasonOf(error)}); check the address and that it runs`;
    return new S3Unfit('unreachable', endpoint, message, error);
  }
  if (speaksNoTls(error)) {
    const message = `S3_ENDPOINT: the server at ${endpoint} speaks no TLS; write http:// instead of https://, or turn TLS on there`;
    return new S3Unfit('unreachable', endpoint, message, error);
  }
  const message = `S3_ENDPOINT: what answers at ${endpoint} is no S3 object store, or refuses (${reasonOf(error)}); check the address and the port`;
  return new S3Unfit('not-s3', endpoint, message, error);
}
