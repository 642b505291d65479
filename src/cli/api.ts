import { type ApiClient, createApiClient } from '../client/client.ts';
import type { Cli } from './cli.ts';
import { UsageError } from './failure.ts';

/** The service's HTTP API, as commands use it. */

export interface ApiWishes {
  readonly url?: string;
  readonly token?: string;
}

const DEFAULT_URL = 'http://127.0.0.1:8420';
const TIMEOUT_MS = 30_000;
/** Of a whole file, over a slow line. */
export const FILE_TIMEOUT_MS = 10 * 60_000;

/** Speaks to the service that the options or the environment name. Throws {@link UsageError}. */
export function createApi(
  wishes: ApiWishes,
  { env, signal }: Pick<Cli, 'env' | 'signal'>,
  timeoutMs = TIMEOUT_MS,
): ApiClient {
  const url = (wishes.url ?? env['LIFO4_URL'] ?? DEFAULT_URL).replace(/\/+$/, '');
  const token = wishes.token ?? env['LIFO4_TOKEN'] ?? '';
  if (!URL.canParse(url))
    throw new UsageError(`--url: ${JSON.stringify(url)} is no address: write http://host:port`);
  if (token === '')
    throw new UsageError(
      '--token: write a token, or set LIFO4_TOKEN; "lifo4-ml up" prints one, "lifo4-ml token" issues one',
    );
  return createApiClient({
    url,
    token: () => token,
    fetch: async (request) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      return fetch(request, { signal: limit }).catch((error: unknown) => {
        if (signal.aborted) throw signal.reason;
        throw new UsageError(`--url: nothing answers at ${url}: start the service or name another address`, {
          cause: error,
        });
      });
    },
  });
}
