import { createHmac, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type pg from 'pg';
import {
  CredentialRefused,
  type DeviceCredentials,
  type DeviceIdentity,
} from '../../ports/device-credentials.ts';
import type { Notifications } from './notifications.ts';

export interface DeviceCredentialsOptions {
  readonly pool: pg.Pool;
  /** Tells of revocations on other nodes. */
  readonly notifications: Notifications;
  /** How long a verified secret is believed without looking, in ms. Default one minute. */
  readonly cacheMs?: number | undefined;
}

interface CredentialRow {
  readonly system_id: string;
  readonly tenant: string;
  readonly salt: Buffer;
  readonly hash: Buffer;
  readonly cost: number;
}

interface Verified {
  readonly digest: Buffer;
  readonly identity: DeviceIdentity;
  readonly until: number;
}

/**
 * scrypt's N. Secrets are 24 random bytes, which no effort finds by guessing, so that the hash need not be slow: when
 * a fleet of 10,000 connects again, 4,096 (10 to 24 ms each) would keep devices out for minutes. The cost is stored
 * beside each hash and can be changed at any time.
 */
const COST = 16;
const HASH_BYTES = 32;
const MAX_SECRET = 1_024;
const MAX_CACHED = 20_000;

const hashSecret = (secret: string, salt: Buffer, cost: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options: ScryptOptions = { N: cost, r: 8, p: 1 };
    scrypt(secret, salt, HASH_BYTES, options, (error, hash) =>
      error === null ? resolve(hash) : reject(error),
    );
  });

/** Verified secrets, as a keyed digest that is worth nothing outside this process. */
function createCache(cacheMs: number) {
  const key = randomBytes(32);
  const entries = new Map<string, Verified>();
  const digestOf = (secret: string): Buffer => createHmac('sha256', key).update(secret).digest();
  return {
    find: (deviceId: string, secret: string): DeviceIdentity | null => {
      const entry = entries.get(deviceId);
      if (entry === undefined || entry.until < performance.now()) return null;
      return timingSafeEqual(entry.digest, digestOf(secret)) ? entry.identity : null;
    },
    remember: (identity: DeviceIdentity, secret: string): void => {
      if (entries.size >= MAX_CACHED) entries.clear();
      entries.set(identity.deviceId, {
        digest: digestOf(secret),
        identity,
        until: performance.now() + cacheMs,
      });
    },
    drop: (deviceId: string): void => {
      entries.delete(deviceId);
    },
    clear: (): void => entries.clear(),
  };
}

const unusable = (text: string, limit: number): boolean => text.length > limit || text.includes('\0');

/**
 * Devices' secrets on Postgres, salted and hashed with scrypt. Verified secrets are believed for a minute, so that
 * a busy device does not cost a hash for each message; a revocation on any node ends that at once.
 */
export function createPostgresDeviceCredentials(options: DeviceCredentialsOptions): DeviceCredentials {
  const { pool, notifications } = options;
  const cache = createCache(options.cacheMs ?? 60_000);
  /** Rises with every revocation, so that a check that began before one is not remembered after it. */
  let revocations = 0;
  const forget = (deviceId: string): void => {
    revocations += 1;
    cache.drop(deviceId);
  };
  notifications.on('lifo4_revoked', forget);
  notifications.onLost(() => {
    revocations += 1;
    cache.clear();
  });

  const check = async (deviceId: string, secret: string): Promise<DeviceIdentity | null> => {
    const { rows } = await pool.query<CredentialRow>({
      name: 'find-credential',
      text: `select system_id, tenant, salt, hash, cost from lifo4.device_credential
             where device_id = $1 and revoked_at is null`,
      values: [deviceId],
    });
    const row = rows[0];
    if (row === undefined) return null;
    const hash = await hashSecret(secret, row.salt, row.cost);
    return timingSafeEqual(hash, row.hash) ? { deviceId, systemId: row.system_id, tenant: row.tenant } : null;
  };

  return {
    add: async ({ deviceId, systemId, tenant }, secret) => {
      if (secret.length === 0 || secret.length > MAX_SECRET) {
        throw new RangeError(`the secret of device ${deviceId} must have 1 to ${MAX_SECRET} characters`);
      }
      const salt = randomBytes(16);
      const { rowCount } = await pool.query(
        `insert into lifo4.device_credential as c (device_id, system_id, tenant, salt, hash, cost)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (device_id) do update set salt = excluded.salt, hash = excluded.hash, cost = excluded.cost
         where c.revoked_at is null and c.system_id = excluded.system_id and c.tenant = excluded.tenant`,
        [deviceId, systemId, tenant, salt, await hashSecret(secret, salt, COST), COST],
      );
      if (rowCount !== 1) throw new CredentialRefused(deviceId);
      forget(deviceId);
      await pool.query("select pg_notify('lifo4_revoked', $1)", [deviceId]);
    },
    verify: async (deviceId, secret) => {
      if (unusable(deviceId, 200) || unusable(secret, MAX_SECRET)) return null;
      const known = cache.find(deviceId, secret);
      if (known !== null) return known;
      const before = revocations;
      const identity = await check(deviceId, secret);
      if (identity !== null && before === revocations) cache.remember(identity, secret);
      return identity;
    },
    revoke: async (deviceId) => {
      forget(deviceId);
      await pool.query(
        'update lifo4.device_credential set revoked_at = now() where device_id = $1 and revoked_at is null',
        [deviceId],
      );
      forget(deviceId);
      await pool.query("select pg_notify('lifo4_revoked', $1)", [deviceId]);
    },
  };
}
