import { importJWK, type JWK, SignJWT } from 'jose';
import type { Clock } from '../../ports/clocks.ts';
import type { Scope } from '../principal.ts';

/** Issues tokens where no identity provider is: the program on embedded defaults, and tests. */

export interface TokenRequest {
  /** Opaque subject, never a name or an e-mail address. */
  readonly subject: string;
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  /** Narrows the token to these sites. */
  readonly systems?: readonly string[];
  readonly ttlSeconds: number;
}

export interface TokenIssuer {
  issue(request: TokenRequest): Promise<string>;
}

/** The one algorithm of tokens that we issue ourselves. */
export const LOCAL_ALGORITHM = 'ES256';

export function createTokenIssuer(settings: {
  /** An EC P-256 key. */
  readonly privateKey: JWK;
  readonly issuer: string;
  readonly audience: string;
  readonly clock: Clock;
}): TokenIssuer {
  const key = importJWK(settings.privateKey, LOCAL_ALGORITHM);
  return {
    issue: async ({ subject, tenant, scopes, systems, ttlSeconds }) => {
      const now = Math.floor(settings.clock.now().getTime() / 1000);
      const claims = { tenant, scope: scopes.join(' '), ...(systems === undefined ? {} : { systems }) };
      return new SignJWT(claims)
        .setProtectedHeader({ alg: LOCAL_ALGORITHM, typ: 'JWT' })
        .setIssuer(settings.issuer)
        .setAudience(settings.audience)
        .setSubject(subject)
        .setIssuedAt(now)
        .setExpirationTime(now + ttlSeconds)
        .sign(await key);
    },
  };
}
