import { type Answered, ApiProblem, answerOf, createApiClient } from '../src/client/client.ts';
import { renewed, token } from './session.ts';

/** The server's refusal in its own words (RFC 9457), or that it cannot be reached (status 0). */
export { type Answered, ApiProblem as Problem, answerOf };

/**
 * A refused token shows the form for a new one; the request then goes on where it was, once there is one. Rejects with
 * {@link ApiProblem} when nothing answers.
 */
async function send(request: Request): Promise<Response> {
  for (;;) {
    const response = await fetch(request.clone(), { cache: 'no-store' }).catch((cause) => {
      if (request.signal.aborted) throw cause;
      throw new ApiProblem(0, { title: 'unreachable', detail: String(cause) });
    });
    if (response.status !== 401) return response;
    await renewed(request.signal);
    request.headers.set('authorization', `Bearer ${token.value}`);
  }
}

/** Every call of the API, typed; `answerOf` takes what it answers. */
export const api = createApiClient({ url: location.origin, token: () => token.value, fetch: send });

/** `path` is under `/api/v1`. Rejects with {@link ApiProblem}. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (token.value !== null) headers.set('authorization', `Bearer ${token.value}`);
  const response = await send(new Request(`/api/v1${path}`, { ...init, headers }));
  if (response.ok) return response;
  throw new ApiProblem(response.status, Object(await response.json().catch(() => null)));
}

export const getJson = async <Body>(path: string, signal: AbortSignal): Promise<Body> =>
  (await request(path, { signal })).json() as Promise<Body>;

export const getText = async (path: string, signal: AbortSignal): Promise<string> =>
  (await request(path, { signal })).text();
