import type pg from 'pg';
import type { ModelType } from '../../events/values.ts';
import type {
  MetadataFile,
  SignedTargets,
  TargetRequest,
  TargetState,
  TrustStore,
} from '../../ports/trust-store.ts';
import { errorCode, inTransaction } from './connect.ts';

interface MetadataRow {
  readonly role: string;
  readonly version: number;
  readonly body: string;
  readonly expires: Date;
  readonly key_ids: readonly string[];
}

interface TargetRow {
  readonly name: string;
  readonly system_id: string;
  readonly device_id: string;
  readonly model_version: string;
  readonly model_type: ModelType;
  readonly checksum: string;
  readonly size: string;
  readonly bin: string | null;
  readonly signed_in: number | null;
  readonly refusal: string | null;
}

const UNIQUE_VIOLATION = '23505';

/** Targets of a device that stay signed: what runs, what it goes back to, and what is on its way. */
const KEPT_TARGETS = 4;

const fileOf = ({ role, version, body, expires, key_ids }: MetadataRow): MetadataFile => ({
  ...{ role, version, body, expires },
  keyIds: key_ids,
});

const requestOf = (row: TargetRow): TargetRequest => ({
  name: row.name,
  systemId: row.system_id,
  deviceId: row.device_id,
  version: row.model_version,
  modelType: row.model_type,
  artifact: { checksum: row.checksum, size: Number(row.size) },
});

const stateOf = (row: TargetRow): TargetState => ({
  ...requestOf(row),
  signed: row.bin === null || row.signed_in === null ? null : { bin: row.bin, version: row.signed_in },
  refusal: row.refusal,
});

async function insertFile(client: pg.PoolClient, file: MetadataFile): Promise<void> {
  await client.query(
    'insert into lifo4.trust_metadata (role, version, body, expires, key_ids) values ($1, $2, $3, $4, $5)',
    [file.role, file.version, file.body, file.expires, file.keyIds],
  );
}

async function markSigned(client: pg.PoolClient, { names, bin, version }: SignedTargets): Promise<void> {
  await client.query('update lifo4.trust_target set bin = $2, signed_in = $3 where name = any($1)', [
    names,
    bin,
    version,
  ]);
}

/** Everything that is not a bin, `targets` aside. */
const NOT_TARGETS = ['root', 'timestamp', 'snapshot'];

/** Signed metadata on Postgres, as `TrustStore` promises it. */
export function createPostgresTrustStore({ pool }: { readonly pool: pg.Pool }): TrustStore {
  async function files(text: string, values: unknown[]): Promise<readonly MetadataFile[]> {
    const { rows } = await pool.query<MetadataRow>(text, values);
    return rows.map(fileOf);
  }
  async function targets(text: string, values: unknown[]): Promise<readonly TargetState[]> {
    const { rows } = await pool.query<TargetRow>(`select * from lifo4.trust_target ${text}`, values);
    return rows.map(stateOf);
  }
  return {
    latest: async (role) => {
      const text = 'select * from lifo4.trust_metadata where role = $1 order by version desc limit 1';
      return (await files(text, [role]))[0] ?? null;
    },
    read: async (role, version) => {
      const text = 'select * from lifo4.trust_metadata where role = $1 and version = $2';
      return (await files(text, [role, version]))[0] ?? null;
    },
    targetFiles: () =>
      files(
        `select distinct on (role) role, version, '' as body, expires, key_ids from lifo4.trust_metadata
         where role <> all($1) order by role, version desc`,
        [NOT_TARGETS],
      ),
    add: async (added, signed = []) => {
      try {
        await inTransaction(pool, async (client) => {
          for (const file of added) await insertFile(client, file);
          for (const each of signed) await markSigned(client, each);
        });
        return true;
      } catch (error) {
        if (errorCode(error) === UNIQUE_VIOLATION) return false;
        throw error;
      }
    },
    target: async (name) => (await targets('where name = $1', [name]))[0] ?? null,
    request: async ({ name, systemId, deviceId, version, modelType, artifact }) =>
      inTransaction(pool, async (client) => {
        await client.query(
          `insert into lifo4.trust_target as t
             (name, system_id, device_id, model_version, model_type, checksum, size)
           values ($1, $2, $3, $4, $5, $6, $7)
           on conflict (name) do update set checksum = excluded.checksum, size = excluded.size,
             requested_at = excluded.requested_at, bin = null, signed_in = null, refusal = null
           where (t.checksum, t.size) <> (excluded.checksum, excluded.size)`,
          [name, systemId, deviceId, version, modelType, artifact.checksum, artifact.size],
        );
        await client.query(
          `delete from lifo4.trust_target where system_id = $1 and name <> $2 and (device_id <> $3 or name not in (
             select name from lifo4.trust_target where system_id = $1 and device_id = $3
             order by requested_at desc limit $4))`,
          [systemId, name, deviceId, KEPT_TARGETS],
        );
      }),
    unsigned: (limit) =>
      targets('where signed_in is null and refusal is null order by requested_at limit $1', [limit]),
    targetsIn: (bin) => targets('where bin = $1 and signed_in is not null order by name', [bin]),
    refuse: async (name, reason) => {
      await pool.query('update lifo4.trust_target set refusal = $2 where name = $1', [name, reason]);
    },
    prune: async (olderThanMs) => {
      const { rowCount } = await pool.query(
        `delete from lifo4.trust_metadata old using (
           select role, version, lead(made_at) over (partition by role order by version) as replaced_at
           from lifo4.trust_metadata where role <> 'root') r
         where old.role = r.role and old.version = r.version
           and r.replaced_at < now() - $1 * interval '1 millisecond'`,
        [olderThanMs],
      );
      return rowCount ?? 0;
    },
  };
}
