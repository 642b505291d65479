import { createApiClient } from '../src/client/client.ts';
import { refused, token } from './session.ts';

/** The server's refusal in its own words (RFC 9457), or that it cannot be reached (status 0). */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;

  constructor(status: number, title: string, detail: string) {
    super(detail);
    this.status = status;
    this.title = title;
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const { title, detail } = Object(body) as { title?: unknown; detail?: unknown };
  return new Problem(response.status, String(title ?? response.statusText), String(detail ?? ''));
}

async function send(request: Request): Promise<Response> {
  const response = await fetch(request, { cache: 'no-store' }).catch((cause) => {
    if (request.signal.aborted) throw cause;
    throw new Problem(0, 'unreachable', String(cause));
  });
  if (response.status === 401) refused.value = true;
  return response;
}

/** Every call of the API, typed; a refusal is its `error`. Rejects with {@link Problem} when nothing answers. */
export const api = createApiClient({ url: location.origin, token: () => token.value, fetch: send });

/** `path` is under `/api/v1`. Throws {@link Problem}; a refused token also shows the form for a new one. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (token.value !== null) headers.set('authorization', `Bearer ${token.value}`);
  const response = await send(new Request(`/api/v1${path}`, { ...init, headers }));
  if (!response.ok) throw await problemOf(response);
  return response;
}

export const getJson = async <Body>(path: string, signal: AbortSignal): Promise<Body> =>
  (await request(path, { signal })).json() as Promise<Body>;

export const getText = async (path: string, signal: AbortSignal): Promise<string> =>
  (await request(path, { signal })).text();
