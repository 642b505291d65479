import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { MalformedMessage } from '../../ota/wire.ts';
import { messageOf as reasonOf } from '../refusals.ts';
import { fileOf, messageOf, PATIENCE, type Patience } from './body.ts';
import { assertHost, assertToken } from './guard.ts';
import { LocalProblem, problemBody } from './problem.ts';

interface CommonRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Whom it answers: everybody, whoever has the token of the settings if there is one, or the operator alone. */
  readonly access: 'open' | 'programs' | 'operator';
}

/** One call: what it answers, from the body's bytes, which are empty for a GET. */
interface WholeRoute extends CommonRoute {
  readonly answer: (body: Uint8Array) => object | Promise<object>;
}

/** One call whose body is a file, taken as it comes. */
interface FileRoute extends CommonRoute {
  readonly receive: (body: AsyncIterable<Uint8Array>) => Promise<object>;
  /** More than this is not read, bytes. */
  readonly mostBytes: number;
}

export type LocalRoute = WholeRoute | FileRoute;

export interface LocalServerOptions {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Programs must send it; null lets every program on this machine ask. */
  readonly token: string | null;
  /** Drawn at every start, for the person who can read the device's data folder. */
  readonly operatorToken: string;
  readonly routes: readonly LocalRoute[];
  readonly logger: Logger;
  readonly patience?: Patience;
  /** Something was asked that is refused. */
  readonly onRefused: (reason: string) => void;
}

export interface LocalServer {
  readonly port: number;
  close(): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 10_000;
const MOST_CONNECTIONS = 32;
const MOST_WAITING_HEADERS = 8_192;

function routeOf(routes: readonly LocalRoute[], { method, url = '/' }: IncomingMessage): LocalRoute {
  const path = url.split('?', 1)[0];
  const here = routes.filter((route) => route.path === path);
  const found = here.find((route) => route.method === method);
  if (found !== undefined) return found;
  const known = routes.map((route) => `${route.method} ${route.path}`).join(', ');
  if (here.length > 0) throw new LocalProblem(405, 'wrong-method', `there is ${known}`);
  throw new LocalProblem(404, 'no-such-address', `there is ${known}`);
}

function problemOf(error: unknown): LocalProblem {
  if (error instanceof LocalProblem) return error;
  if (error instanceof MalformedMessage) return new LocalProblem(400, 'malformed', error.message);
  return new LocalProblem(500, 'failed', reasonOf(error));
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

function allowed(
  { access }: LocalRoute,
  { token, operatorToken }: LocalServerOptions,
): readonly string[] | null {
  const programs = token === null ? null : [token, operatorToken];
  const tokens = { open: null, programs, operator: [operatorToken, ...(token === null ? [] : [token])] };
  return tokens[access];
}

async function answer(request: IncomingMessage, options: LocalServerOptions): Promise<object> {
  assertHost(request, options.host);
  const route = routeOf(options.routes, request);
  const tokens = allowed(route, options);
  if (tokens !== null) assertToken(request, tokens);
  const { patience = PATIENCE } = options;
  if ('receive' in route) return fileOf(request, route.receive, route.mostBytes, patience);
  return route.answer(route.method === 'POST' ? await messageOf(request, patience) : new Uint8Array());
}

function handle(request: IncomingMessage, response: ServerResponse, options: LocalServerOptions): void {
  answer(request, options).then(
    (body) => send(response, 200, 'application/json', `${JSON.stringify(body)}\n`),
    (error: unknown) => {
      const problem = problemOf(error);
      options.onRefused(`${problem.code}: ${problem.message}`);
      const level = problem.status === 500 ? 'error' : 'warn';
      options.logger[level]({ code: problem.code, detail: problem.message }, 'a local request was refused');
      // What is left of a body that is not read any more would be taken for the next request.
      if (!request.complete) response.setHeader('connection', 'close');
      send(response, problem.status, 'application/problem+json', `${problemBody(problem)}\n`);
    },
  );
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/**
 * The device's own HTTP interface, for programs and people at the site. Node's bare server: a framework would cost a
 * small computer three times its memory. Rejects with the system's error when the port is taken.
 */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  // Bodies have limits of their own.
  const limits = { requestTimeout: 0, headersTimeout: HEADERS_TIMEOUT_MS };
  const sizes = { maxHeaderSize: MOST_WAITING_HEADERS, connectionsCheckingInterval: 5_000 };
  const server = createServer({ ...limits, ...sizes }, (request, response) =>
    handle(request, response, options),
  );
  server.maxConnections = MOST_CONNECTIONS;
  const port = await listen(server, options.host, options.port);
  return {
    port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
