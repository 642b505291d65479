import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../problem/problem.ts';

/** Calls a minute, on each node; 0 sets no limit. */
export interface RateLimits {
  /** Of one token; without a token, of one address. */
  readonly perMinute: number;
  /** Of one device, files and their parts among them. */
  readonly devicePerMinute: number;
}

const MINUTE_MS = 60_000;
/** Callers that are remembered at a time; the longest silent go first. */
const MOST_CALLERS = 20_000;

/** What is counted: the API and the files. Probes, figures and the pages of the console are not. */
export const isLimited = (url: string): boolean => /^\/(api|models|tuf)\//.test(url);

function callerOf({ principal, ip }: FastifyRequest): string {
  if (principal === null) return `address ${ip}`;
  return principal.kind === 'device'
    ? `device ${principal.deviceId}`
    : `token ${principal.tenant} ${principal.actor}`;
}

const tooMany = (seconds: number): Problem =>
  new Problem(429, 'too-many-requests', `You have asked too often: try again in ${seconds} seconds.`, {
    headers: { 'retry-after': String(seconds) },
  });

/** Counts calls by caller, after who calls is known; `RateLimit-*` headers tell how many are left. */
export async function installRateLimits(app: FastifyInstance, limits: RateLimits): Promise<void> {
  const limitOf = ({ principal }: FastifyRequest): number =>
    principal?.kind === 'device' ? limits.devicePerMinute : limits.perMinute;
  await app.register(rateLimit, {
    hook: 'preParsing',
    enableDraftSpec: true,
    cache: MOST_CALLERS,
    timeWindow: MINUTE_MS,
    max: limitOf,
    keyGenerator: callerOf,
    allowList: (request) => limitOf(request) === 0 || !isLimited(request.routeOptions.url ?? ''),
    errorResponseBuilder: (_request, { ttl }) => tooMany(Math.max(1, Math.ceil(ttl / 1_000))),
  });
}
