import {
  createRemoteJWKSet,
  errors,
  importJWK,
  type JWK,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import Type, { type Static } from 'typebox';
import { Check } from 'typebox/value';
import { OpaqueId, SystemId } from '../../events/values.ts';
import type { Clock } from '../../ports/clocks.ts';
import { type Person, SCOPES, type Scope } from '../principal.ts';
import { unavailable } from '../problem/from-error.ts';
import { unauthenticated } from './refusals.ts';

/** Where the public keys of the issuer come from. */
export type VerificationKeys =
  | { readonly kind: 'jwks'; readonly url: URL }
  | { readonly kind: 'local'; readonly publicKey: JWK };

export interface TokenSettings {
  readonly issuer: string;
  readonly audience: string;
  /** Pinned: a token signed in any other way is refused. */
  readonly algorithm: 'ES256' | 'ES384' | 'RS256' | 'PS256' | 'EdDSA';
  readonly keys: VerificationKeys;
}

export interface TokenVerifier {
  /** Rejects with a 401 problem that says what is wrong, or a 503 when the keys cannot be fetched. */
  verify(token: string): Promise<Person>;
}

const CLOCK_TOLERANCE_SECONDS = 30;
/** Longer than any token with a few hundred sites. */
const MAX_TOKEN_LENGTH = 16_384;

/** A subject is an opaque id: an e-mail address would put a person's name into the log for good. */
const Claims = Type.Object({
  sub: Type.String({ pattern: '^[^\\s@]{1,200}$' }),
  exp: Type.Number(),
  tenant: OpaqueId,
  scope: Type.Optional(Type.String({ maxLength: 1000 })),
  systems: Type.Optional(Type.Array(SystemId, { maxItems: 1000 })),
});

const isScope = (word: string): word is Scope => SCOPES.some((scope) => scope === word);

function personOf(claims: JWTPayload): Person {
  if (!Check(Claims, claims)) {
    throw unauthenticated(
      'The token lacks what is needed here: it must carry `sub` (an opaque id, no e-mail address), `exp`, `tenant`, `scope` and, to narrow it, `systems` (an array of site ids).',
    );
  }
  const { sub, exp, tenant, scope, systems }: Static<typeof Claims> = claims;
  return {
    kind: 'person',
    actor: sub,
    tenant,
    systems: systems === undefined ? null : new Set(systems),
    scopes: new Set((scope ?? '').split(' ').filter(isScope)),
    expiresAt: new Date(exp * 1000),
  };
}

function claimProblem({ claim }: errors.JWTClaimValidationFailed): string {
  switch (claim) {
    case 'iss':
      return 'The token comes from another issuer: get one from the identity provider of this service.';
    case 'aud':
      return 'The token is meant for another service: request one with the audience of this API.';
    case 'nbf':
      return 'The token is not valid yet: check the clock of its issuer.';
    case 'exp':
      return 'The token has no usable expiry: request a new one.';
  }
  return `The token's claim ${claim} is not acceptable: request a new one.`;
}

const KEYS_UNREACHABLE = ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'];

function refusal(error: unknown): Error {
  if (error instanceof errors.JWTExpired)
    return unauthenticated('The token has expired: request a new one from its issuer.');
  if (error instanceof errors.JWTClaimValidationFailed) return unauthenticated(claimProblem(error));
  if (error instanceof errors.JOSEError && !KEYS_UNREACHABLE.includes(error.code))
    return unauthenticated(
      'The token is not valid: it is malformed, or not signed by the issuer of this service.',
    );
  return unavailable('The keys that check tokens cannot be fetched right now: try again in a few seconds.');
}

type Verify = (token: string, options: JWTVerifyOptions) => Promise<JWTPayload>;

function verifyWith(keys: VerificationKeys, algorithm: string): Verify {
  if (keys.kind === 'jwks') {
    const remote = createRemoteJWKSet(keys.url);
    return async (token, options) => (await jwtVerify(token, remote, options)).payload;
  }
  const local = importJWK(keys.publicKey, algorithm);
  return async (token, options) => (await jwtVerify(token, await local, options)).payload;
}

/** Checks bearer tokens: signature, issuer, audience, algorithm, times, and the claims that we need. */
export function createTokenVerifier(settings: TokenSettings, clock: Clock): TokenVerifier {
  const verify = verifyWith(settings.keys, settings.algorithm);
  return {
    verify: async (token) => {
      if (token.length > MAX_TOKEN_LENGTH)
        throw unauthenticated('The token is too long: narrow it to fewer sites.');
      const options = {
        issuer: settings.issuer,
        audience: settings.audience,
        algorithms: [settings.algorithm],
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: clock.now(),
      };
      const claims = await verify(token, options).catch((error: unknown) => {
        throw refusal(error);
      });
      return personOf(claims);
    },
  };
}
