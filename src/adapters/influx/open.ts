import type { Logger } from 'pino';
import type { Patience } from '../../ports/insist.ts';
import type { TelemetryStore } from '../../ports/telemetry.ts';
import { connectInflux, type InfluxConnection, type InfluxLogin } from './connection.ts';
import { createInfluxForecasts, type InfluxForecasts } from './forecasts.ts';
import type { InfluxMapping } from './mapping.ts';
import { probe } from './queries.ts';
import { createInfluxTelemetry } from './telemetry.ts';

export interface OpenInfluxOptions extends InfluxLogin {
  readonly mapping: InfluxMapping;
  readonly logger: Logger;
  readonly patience?: Patience | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Telemetry, forecasts and scores in one bucket of InfluxDB 2. */
export interface Influx {
  readonly connection: InfluxConnection;
  readonly telemetry: TelemetryStore;
  readonly forecasts: InfluxForecasts;
  /** Rejects when the bucket cannot be read. */
  check(): Promise<void>;
}

/** A server that is silent for this long at the start is taken for something else. */
const START_SILENCE_MS = 10_000;

/**
 * Checks that the bucket can be read and written. Throws `TelemetryUnfit` when token, organisation or bucket do not
 * fit, and `Unavailable` when nobody answers.
 */
export async function openInflux(options: OpenInfluxOptions): Promise<Influx> {
  const connection = connectInflux(options);
  const { mapping, bucket } = options;
  const { timeoutMs = START_SILENCE_MS } = options;
  const atStart = connectInflux({ ...options, timeoutMs, bearsSilence: false });
  await atStart.query(probe(bucket));
  await atStart.checkWritable();
  return {
    connection,
    telemetry: createInfluxTelemetry({ connection, mapping }),
    forecasts: createInfluxForecasts({ connection, mapping }),
    check: async () => void (await connection.query(probe(bucket))),
  };
}
