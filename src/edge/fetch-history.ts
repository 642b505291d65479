import { parseReadings, type ReportedReading } from '../ota/readings.ts';
import { authorization, type DeviceCredential, type Fetch } from './credential.ts';

export interface FetchHistoryOptions {
  /** Where the cloud's HTTP interface is, without `/api/v1`. */
  readonly cloudUrl: string;
  readonly systemId: string;
  readonly credential: DeviceCredential;
  readonly fetch: Fetch;
  readonly timeoutMs: number;
}

/** Days of readings that a device keeps. */
export const HISTORY_DAYS = 60;
const MAX_BYTES = 8 * 1024 * 1024;

/** The cloud's readings of this site cannot be fetched now. */
class HistoryUnavailable extends Error {
  override readonly name = 'HistoryUnavailable';
}

/** The site's readings of the last 60 days as the cloud has them. Rejects when they cannot be had now. */
export type FetchHistory = () => Promise<readonly ReportedReading[]>;

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new HistoryUnavailable(`the answer has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function createHistoryFetcher(options: FetchHistoryOptions): FetchHistory {
  const { cloudUrl, systemId, credential, fetch, timeoutMs } = options;
  const base = cloudUrl.replace(/\/+$/, '');
  const url = `${base}/api/v1/telemetry/${systemId}?days=${HISTORY_DAYS}`;
  const headers = { authorization: authorization(credential), accept: 'application/json' };
  return async () => {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { headers, signal, redirect: 'error' });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new HistoryUnavailable(`the cloud answered ${response.status} to the request for the history`);
    }
    return parseReadings(JSON.parse(await textOf(response)));
  };
}
