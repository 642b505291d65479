import createClient, { type Client } from 'openapi-fetch';
import type { Problem, paths } from './api.ts';

/** The service's HTTP API for programs in TypeScript: every call, what it takes and what it answers, typed. */

export type * from './api.ts';

/** The service refused a call, in its own words (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  /** The kind of problem, stable for programs; `http-{status}` where something else answered. */
  readonly code: string;
  readonly title: string;
  /** All that the answer says, such as `jobId` or `problems`. */
  readonly problem: Partial<Problem>;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? problem.title ?? `the service answers ${status}`);
    this.status = status;
    this.code = problem.code ?? `http-${status}`;
    this.title = problem.title ?? '';
    this.problem = problem;
  }
}

export type ApiClient = Client<paths>;

export interface ApiClientOptions {
  /** Where the service is, without `/api/v1`; empty for the page's own origin. */
  readonly url: string;
  /** The bearer token of each call; null for none. */
  readonly token: () => string | null;
  /** What sends the calls; the platform's own `fetch` when left out. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

export function createApiClient({ url, token, fetch }: ApiClientOptions): ApiClient {
  const client = createClient<paths>({ baseUrl: url, ...(fetch === undefined ? {} : { fetch }) });
  client.use({
    onRequest: ({ request }) => {
      const bearer = token();
      if (bearer !== null) request.headers.set('authorization', `Bearer ${bearer}`);
    },
  });
  return client;
}

/** What a call resolves with: `data` when it was answered, `error` when it was refused. */
export interface Answered<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/** What a call answered. Rejects with {@link ApiProblem} when it was refused. */
export async function answerOf<Data>(call: Promise<Answered<Data>>): Promise<NonNullable<Data>> {
  const { data, error, response } = await call;
  if (response.ok) return data as NonNullable<Data>;
  throw new ApiProblem(response.status, typeof error === 'object' && error !== null ? error : {});
}
