import {
  type FluxTableMetaData,
  HttpError,
  InfluxDB,
  type ParameterizedQuery,
  type Point,
  RequestTimedOutError,
} from '@influxdata/influxdb-client';
import type { Logger } from 'pino';
import { insist, type Patience } from '../../ports/insist.ts';
import { mayPass, type Place, translate } from './errors.ts';

export interface InfluxLogin extends Place {
  readonly token: string;
}

export interface InfluxConnectionOptions extends InfluxLogin {
  readonly logger: Logger;
  /** How often a request is tried before the caller hears of it. Default 4 tries over about 2 s. */
  readonly patience?: Patience | undefined;
  /** Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Whether a server that was silent for so long is asked again; it is unless told otherwise. */
  readonly bearsSilence?: boolean;
}

export type InfluxRow = Readonly<Record<string, unknown>>;

/** Queries and writes, each tried again while the server is away. Throws `TelemetryUnfit` and `Unavailable`. */
export interface InfluxConnection {
  readonly place: Place;
  query(flux: ParameterizedQuery): Promise<readonly InfluxRow[]>;
  /** All of the points, in requests of a size that the server likes; ms precision. */
  write(points: readonly Point[]): Promise<void>;
  /** Rejects when the token may not write to the bucket; writes nothing. */
  checkWritable(): Promise<void>;
}

const PATIENCE: Patience = { attempts: 4, firstPauseMs: 250 };
const TIMEOUT_MS = 60_000;
/** The size that InfluxDB's guide names as best. */
const BATCH_LINES = 5_000;
const LONG_BODY = 1_000;

/** A failure in the middle of an answer comes as a table of its own. */
function rowOf(values: string[], table: FluxTableMetaData): InfluxRow {
  const row = table.toObject(values);
  if (typeof row['error'] !== 'string' || '_value' in row) return row;
  throw new HttpError(400, undefined, JSON.stringify({ message: row['error'] }), null, 'application/json');
}

export function connectInflux(options: InfluxConnectionOptions): InfluxConnection {
  const { url, token, org, bucket, logger, patience = PATIENCE, bearsSilence = true } = options;
  const client = new InfluxDB({ url, token, timeout: options.timeoutMs ?? TIMEOUT_MS });
  const queries = client.getQueryApi(org);
  const place = { url, org, bucket };
  const writePath = `/api/v2/write?${new URLSearchParams({ org, bucket, precision: 'ms' })}`;

  const ask = <T>(work: () => Promise<T>): Promise<T> =>
    insist(work, {
      ...patience,
      mayPass: (error) => mayPass(error) && (bearsSilence || !(error instanceof RequestTimedOutError)),
      onRetry: (error, attempt) =>
        logger.warn({ url, attempt, reason: String(error) }, 'InfluxDB is asked again'),
    }).catch((error: unknown) => {
      throw translate(error, place);
    });

  const send = (body: string): Promise<unknown> =>
    client.transport.request(writePath, body, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      gzipThreshold: LONG_BODY,
    });

  return {
    place,
    query: (flux) => ask(() => queries.collectRows(flux, rowOf)),
    write: async (points) => {
      const lines = points.flatMap((point) => point.toLineProtocol() ?? []);
      for (let at = 0; at < lines.length; at += BATCH_LINES) {
        const body = lines.slice(at, at + BATCH_LINES).join('\n');
        await ask(() => send(body));
      }
    },
    checkWritable: async () => {
      // The server looks at token and bucket before it finds that there is nothing to write.
      const nothing = (error: unknown) => error instanceof HttpError && error.statusCode === 400;
      await ask(() =>
        send('').catch((error: unknown) => {
          if (!nothing(error)) throw error;
        }),
      );
    },
  };
}
