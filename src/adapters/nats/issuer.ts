import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, randomUUID, sign } from 'node:crypto';

/**
 * The key by which the cloud vouches for a device towards a NATS server, in the server's own formats: an account
 * nkey (https://github.com/nats-io/nkeys) and its `ed25519-nkey` web tokens. With `node:crypto`, because the
 * library's own signatures take 7 ms each, and every login of a fleet costs two.
 */

const ACCOUNT_PREFIX = 0x00;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** An Ed25519 private key in PKCS #8, up to its 32 bytes. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SALT = 'lifo4-ml';
const KEY_BYTES = 32;

export interface Issuer {
  /** The public key as the server's configuration wants it, for example `ABJH…`. */
  readonly publicKey: string;
  /** A signed token with these claims; issuer, id and time are added. */
  token(claims: Readonly<Record<string, unknown>>): string;
}

/** CRC-16/XMODEM, as nkeys end with it. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
    crc &= 0xffff;
  }
  return crc;
}

function base32(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET[(held << (5 - bits)) & 31];
}

function accountKey(key: KeyObject): string {
  const raw = createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-KEY_BYTES);
  const body = Buffer.concat([Buffer.of(ACCOUNT_PREFIX), raw]);
  const check = Buffer.alloc(2);
  check.writeUInt16LE(crc16(body));
  return base32(Buffer.concat([body, check]));
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = encode({ typ: 'JWT', alg: 'ed25519-nkey' });

/** A secret of its own for one purpose, from the one that all nodes share: the password of the cloud's login. */
export function derive(password: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', password, SALT, purpose, KEY_BYTES));
}

/** The issuer that belongs to a password: every node that may log in can vouch, and no file needs to be shared. */
export function createIssuer(password: string): Issuer {
  const der = Buffer.concat([PKCS8_HEAD, derive(password, 'nats issuer')]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = accountKey(key);
  return {
    publicKey,
    token: (claims) => {
      const iat = Math.floor(Date.now() / 1000);
      const body = `${HEADER}.${encode({ ...claims, iss: publicKey, jti: randomUUID(), iat })}`;
      return `${body}.${sign(null, Buffer.from(body), key).toString('base64url')}`;
    },
  };
}
