import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';

/** Keys of the metadata that devices trust models by: Ed25519, named by the hash of the public part (TUF 1.0, 4.2). */

export interface TrustKey {
  readonly keyId: string;
  /** The public key, 32 bytes in hex. */
  readonly publicHex: string;
}

/** A key that is at hand to sign with. */
export interface TrustSigner extends TrustKey {
  /** The signature of the bytes in hex. */
  sign(bytes: Uint8Array): string;
}

/** The key is of another kind than the metadata's keys are. */
export class NotATrustKey extends Error {
  override readonly name = 'NotATrustKey';

  constructor(found: string) {
    super(`this is ${found}, not an Ed25519 key: make one with "lifo4-ml keys make FILE"`);
  }
}

/** A public key in the form that metadata holds it in. */
export const trustKeyJson = ({ publicHex }: TrustKey) => ({
  keytype: 'ed25519',
  keyval: { public: publicHex },
  scheme: 'ed25519',
});

/** The public key of this number. */
export const trustKeyOfHex = (publicHex: string): TrustKey => ({
  publicHex,
  // The form above has its names in order and no white space: it is canonical as it stands.
  keyId: createHash('sha256')
    .update(JSON.stringify(trustKeyJson({ keyId: '', publicHex })))
    .digest('hex'),
});

/** The public part of a key. Throws {@link NotATrustKey}. */
export function trustKeyOf(key: KeyObject): TrustKey {
  if (key.asymmetricKeyType !== 'ed25519') throw new NotATrustKey(String(key.asymmetricKeyType ?? key.type));
  const { x = '' } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  return trustKeyOfHex(Buffer.from(x, 'base64url').toString('hex'));
}

/** Signs with a private key. Throws {@link NotATrustKey}. */
export const trustSignerOf = (key: KeyObject): TrustSigner => ({
  ...trustKeyOf(key),
  sign: (bytes) => sign(null, bytes, key).toString('hex'),
});
