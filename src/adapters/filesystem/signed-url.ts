import { createHmac, timingSafeEqual } from 'node:crypto';

/** Addresses that carry their own permission: who has one may fetch that file until it expires, nothing else. */

export type SignatureVerdict = 'valid' | 'expired' | 'invalid';

function signatureOf(key: Uint8Array, checksum: string, expires: number): Buffer {
  return createHmac('sha256', key).update(`${checksum}\n${expires}`).digest();
}

/** `{baseUrl}/{checksum}?expires={unix seconds}&signature={base64url}`. */
export function signUrl(baseUrl: string, key: Uint8Array, checksum: string, expires: number): string {
  const url = new URL(`${baseUrl.replace(/\/$/, '')}/${checksum}`);
  url.searchParams.set('expires', String(expires));
  url.searchParams.set('signature', signatureOf(key, checksum, expires).toString('base64url'));
  return url.href;
}

export interface SignedRequest {
  readonly checksum: string;
  /** As they came in the query. */
  readonly expires: string;
  readonly signature: string;
}

export function judgeSignature(key: Uint8Array, request: SignedRequest, now: Date): SignatureVerdict {
  if (!/^\d{1,12}$/.test(request.expires)) return 'invalid';
  const expires = Number(request.expires);
  const expected = signatureOf(key, request.checksum, expires);
  const given = Buffer.from(request.signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'invalid';
  return expires * 1000 > now.getTime() ? 'valid' : 'expired';
}
