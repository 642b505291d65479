import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from './clocks.ts';

export type SignatureVerdict = 'valid' | 'expired' | 'invalid';

export interface SignedRequest {
  readonly checksum: string;
  /** As they came in the query. */
  readonly expires: string;
  readonly signature: string;
}

export interface SignedAddressOptions {
  /** Secret of signed addresses, at least 32 bytes. */
  readonly signingKey: Uint8Array;
  /** Where the HTTP interface serves artifacts, for example `http://127.0.0.1:8080/api/v1/artifacts`. */
  readonly baseUrl: string;
  /** The machine clock. */
  readonly clock: Clock;
}

/** Addresses that carry their own permission: who has one may fetch that file until it expires, nothing else. */
export interface SignedAddresses {
  /** `{baseUrl}/{checksum}?expires={unix seconds}&signature={base64url}`. */
  sign(checksum: string, ttlSeconds: number): string;
  verify(request: SignedRequest): SignatureVerdict;
}

const KEY_BYTES = 32;

/** Throws RangeError when the key is too short. */
export function createSignedAddresses({ signingKey, baseUrl, clock }: SignedAddressOptions): SignedAddresses {
  if (signingKey.length < KEY_BYTES) throw new RangeError('the signing key must have at least 32 bytes');

  const signatureOf = (checksum: string, expires: number): Buffer =>
    createHmac('sha256', signingKey).update(`${checksum}\n${expires}`).digest();

  return {
    sign: (checksum, ttlSeconds) => {
      const expires = Math.floor(clock.now().getTime() / 1000) + ttlSeconds;
      const url = new URL(`${baseUrl.replace(/\/$/, '')}/${checksum}`);
      url.searchParams.set('expires', String(expires));
      url.searchParams.set('signature', signatureOf(checksum, expires).toString('base64url'));
      return url.href;
    },
    verify: (request) => {
      if (!/^\d{1,12}$/.test(request.expires)) return 'invalid';
      const expires = Number(request.expires);
      const expected = signatureOf(request.checksum, expires);
      const given = Buffer.from(request.signature, 'base64url');
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'invalid';
      return expires * 1000 > clock.now().getTime() ? 'valid' : 'expired';
    },
  };
}
