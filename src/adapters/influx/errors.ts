import { HttpError, RequestTimedOutError } from '@influxdata/influxdb-client';
import { TelemetryUnfit } from '../../ports/telemetry.ts';
import { Unavailable } from '../../ports/unavailable.ts';

/** InfluxDB did not answer although it was asked again and again: ask later. */
class InfluxUnavailable extends Unavailable {
  override readonly name = 'InfluxUnavailable';
  readonly url: string;

  constructor(url: string, cause: unknown) {
    super(`InfluxDB at ${url} (INFLUX_URL) does not answer: ${reasonOf(cause)}; it is asked again later`, {
      cause,
    });
    this.url = url;
  }
}

/** InfluxDB refused a query or a write for a reason that no setting explains. */
class InfluxRefused extends Error {
  override readonly name = 'InfluxRefused';
  readonly statusCode: number;

  constructor(url: string, statusCode: number, reason: string, cause: unknown) {
    super(`InfluxDB at ${url} (INFLUX_URL) refuses with ${statusCode}: ${reason}`, { cause });
    this.statusCode = statusCode;
  }
}

const CONNECTION = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['EAI_AGAIN', 'ENOTFOUND', 'ERR_STREAM_PREMATURE_CLOSE'],
]);

/** The server's own words, which are in the body of its answer, or the error's. */
function reasonOf(error: unknown): string {
  if (error instanceof HttpError && typeof error.json?.message === 'string') return error.json.message;
  if (error instanceof Error) return error.message || String(codeOf(error));
  return String(error);
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

/** A server that is away, busy or restarting: the same request may pass later. */
export function mayPass(error: unknown): boolean {
  if (error instanceof HttpError) return error.statusCode === 429 || error.statusCode >= 500;
  if (error instanceof RequestTimedOutError) return true;
  if (error instanceof Error && /aborted|socket hang up/.test(error.message)) return true;
  return CONNECTION.has(String(codeOf(error)));
}

export interface Place {
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
}

type Meaning = readonly [TelemetryUnfit['code'], string];

const login = ({ bucket }: Place): Meaning => [
  'telemetry-login-refused',
  `INFLUX_TOKEN: InfluxDB refuses this token; make one that may read and write the bucket ${bucket}`,
];

const FIELD_TYPE = /unsupported input type|type conflict|unsupported aggregate column type/i;

function meaningOf(status: number, reason: string, place: Place): Meaning | null {
  if (status === 401 || status === 403) return login(place);
  if (/organization name .* not found/i.test(reason))
    return ['telemetry-bucket-missing', `INFLUX_ORG: InfluxDB knows no organisation ${place.org}`];
  if (/bucket/i.test(reason) && /not find|not found/i.test(reason)) {
    const problem = `there is no bucket ${place.bucket} in the organisation ${place.org}, or the token may not see it`;
    return ['telemetry-bucket-missing', `INFLUX_BUCKET: ${problem}`];
  }
  if (FIELD_TYPE.test(reason))
    return [
      'telemetry-field-unfit',
      `INFLUX_FIELDS: a field is not of the type that is asked for, floating-point numbers (${reason})`,
    ];
  return null;
}

/** What the client's error says about the settings; errors that say nothing come back as they are. */
export function translate(error: unknown, place: Place): unknown {
  if (mayPass(error)) return new InfluxUnavailable(place.url, error);
  const status = error instanceof HttpError ? error.statusCode : 0;
  const reason = reasonOf(error);
  const meaning = meaningOf(status, reason, place);
  if (meaning !== null) return new TelemetryUnfit(...meaning, error);
  return error instanceof HttpError ? new InfluxRefused(place.url, status, reason, error) : error;
}
