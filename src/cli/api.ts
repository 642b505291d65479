import type { Cli } from './cli.ts';
import { Refused, UsageError } from './failure.ts';

/** The service's HTTP API, as commands use it. */
export interface Api {
  /** The parsed answer, null for an empty one. Throws {@link Refused} or {@link UsageError}. */
  call(method: 'GET' | 'POST' | 'DELETE', path: string): Promise<unknown>;
  /** The answer to a posted object, whose body is a file. Throws as {@link Api.call}. */
  fetchFile(path: string, body: object): Promise<Response>;
}

export interface ApiWishes {
  readonly url?: string;
  readonly token?: string;
}

const DEFAULT_URL = 'http://127.0.0.1:8420';
const TIMEOUT_MS = 30_000;
/** Of a whole file, over a slow line. */
const FILE_TIMEOUT_MS = 10 * 60_000;

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
}

async function problemOf(response: Response): Promise<Refused> {
  const problem = (await response.json().catch(() => ({}))) as Problem;
  const what = problem.detail ?? problem.title ?? `the service answers ${response.status}`;
  return new Refused(problem.code ?? `http-${response.status}`, what);
}

/** Speaks to the service that the options or the environment name. Throws {@link UsageError}. */
export function createApi(wishes: ApiWishes, { env, signal }: Pick<Cli, 'env' | 'signal'>): Api {
  const url = (wishes.url ?? env['LIFO4_URL'] ?? DEFAULT_URL).replace(/\/+$/, '');
  const token = wishes.token ?? env['LIFO4_TOKEN'] ?? '';
  if (!URL.canParse(url))
    throw new UsageError(`--url: ${JSON.stringify(url)} is no address: write http://host:port`);
  if (token === '')
    throw new UsageError(
      '--token: write a token with the scope admin, or set LIFO4_TOKEN; "lifo4-ml up" prints one',
    );

  async function ask(path: string, init: RequestInit, timeoutMs: number): Promise<Response> {
    const response = await fetch(`${url}/api/v1${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${token}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    }).catch((error: unknown) => {
      if (signal.aborted) throw signal.reason;
      throw new UsageError(`--url: nothing answers at ${url}: start the service or name another address`, {
        cause: error,
      });
    });
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  return {
    call: async (method, path) => {
      const response = await ask(path, { method }, TIMEOUT_MS);
      return response.status === 204 ? null : response.json();
    },
    fetchFile: (path, body) => {
      const headers = { 'content-type': 'application/json' };
      return ask(path, { method: 'POST', headers, body: JSON.stringify(body) }, FILE_TIMEOUT_MS);
    },
  };
}
