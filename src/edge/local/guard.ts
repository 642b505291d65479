import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { LocalProblem } from './problem.ts';

/** Who may ask the device. */

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]', '::1']);

export const isLoopback = (host: string): boolean => LOOPBACK.has(host);

/**
 * A page in a browser on the same machine can send requests here under a name of its own. Only programs that name
 * the loopback interface are answered. Throws {@link LocalProblem}.
 */
export function assertHost(request: IncomingMessage, bound: string): void {
  if (!isLoopback(bound)) return;
  const name = (request.headers.host ?? '').replace(/:\d+$/, '');
  if (!isLoopback(name))
    throw new LocalProblem(
      403,
      'foreign-host',
      `ask for 127.0.0.1 or localhost, not for ${name.slice(0, 80)}`,
    );
}

const same = (given: string, expected: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const bearerOf = ({ headers }: IncomingMessage): string =>
  /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';

/** Throws {@link LocalProblem} unless the request carries one of the tokens. */
export function assertToken(request: IncomingMessage, tokens: readonly string[]): void {
  const given = bearerOf(request);
  if (tokens.some((token) => same(given, token))) return;
  const detail =
    'send the token as "Authorization: Bearer …": the one in the settings, or that of local.json';
  throw new LocalProblem(401, 'token-missing', detail);
}
