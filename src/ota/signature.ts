import { type CryptoKey, compactVerify, FlattenedSign, type JWK } from 'jose';

/**
 * Signatures on the messages that devices act upon: ES256 over the canonical JSON of the whole message but its
 * `signature`, which holds a compact JWS with detached payload (RFC 7515, appendix F). A field added later is
 * covered without a change here.
 */

/** What a signature is for: one made for another purpose does not hold. */
export type SignaturePurpose = 'lifo4-assignment' | 'lifo4-config';

/** The cloud's signing key; `kid` tells devices which of the trusted keys to use. */
export interface Signer {
  readonly kid: string;
  readonly key: CryptoKey | JWK;
}

/** Public keys that a device trusts, by `kid`. Several, so that keys can be rotated. */
export type TrustedKeys = ReadonlyMap<string, CryptoKey | JWK>;

/** The signature is missing, was made by an unknown key or for another purpose, or the message was altered. */
export class BadSignature extends Error {
  override readonly name = 'BadSignature';
}

type Json = Readonly<Record<string, unknown>>;

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

/** What is signed: the message without `signature`, keys in order at every level, no white space, UTF-8. */
function signingInput(message: Json): Uint8Array {
  const { signature: _, ...rest } = message;
  return new TextEncoder().encode(JSON.stringify(sorted(rest)));
}

/** The message with its `signature`. */
export async function signMessage<M extends Json>(
  message: M,
  purpose: SignaturePurpose,
  signer: Signer,
): Promise<M & { readonly signature: string }> {
  // Through JSON first: what is signed is what the receiver will read back.
  const plain: Json = JSON.parse(JSON.stringify(message));
  const jws = await new FlattenedSign(signingInput(plain))
    .setProtectedHeader({ alg: 'ES256', typ: purpose, kid: signer.kid })
    .sign(signer.key);
  return { ...message, signature: `${jws.protected}..${jws.signature}` };
}

const DETACHED = /^([A-Za-z0-9_-]+)\.\.([A-Za-z0-9_-]+)$/;

/** Throws {@link BadSignature} unless a trusted key signed this very message for this purpose. */
export async function verifyMessage(
  message: Json,
  purpose: SignaturePurpose,
  keys: TrustedKeys,
): Promise<void> {
  const [, header, signature] = DETACHED.exec(String(message['signature'])) ?? [];
  if (header === undefined || signature === undefined) throw new BadSignature('the message is not signed');
  const payload = Buffer.from(signingInput(message)).toString('base64url');
  const keyOf = ({ kid, typ }: { kid?: string; typ?: string }) => {
    const key = keys.get(kid ?? '');
    if (key === undefined)
      throw new BadSignature(`signed by key ${String(kid).slice(0, 60)}, not a trusted one`);
    if (typ !== purpose) throw new BadSignature(`signed for ${String(typ).slice(0, 60)}, not for ${purpose}`);
    return key;
  };
  try {
    await compactVerify(`${header}.${payload}.${signature}`, keyOf, { algorithms: ['ES256'] });
  } catch (error) {
    if (error instanceof BadSignature) throw error;
    throw new BadSignature('the signature does not fit the message', { cause: error });
  }
}
