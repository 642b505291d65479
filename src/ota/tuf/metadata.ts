import { createHash } from 'node:crypto';
import { Metadata, MetadataKind, Signature } from '@tufjs/models';
import type { ArtifactRef } from '../../events/values.ts';
import { type TrustKey, type TrustSigner, trustKeyJson } from './keys.ts';

/**
 * Writes the metadata that devices verify a model by: The Update Framework, specification 1.0. The root names the keys
 * of all roles; `targets` leaves the targets to bins by the hash of their names (TAP 15); the snapshot says which
 * version of each is the present one, and the timestamp which snapshot.
 */

export const TOP_ROLES = ['root', 'targets', 'snapshot', 'timestamp'] as const;
export type TopRole = (typeof TOP_ROLES)[number];

type Json = Parameters<typeof Metadata.fromJSON>[1];

/** What is signed of every file. */
interface Common {
  readonly version: number;
  readonly expires: Date;
}

const SPEC_VERSION = '1.0.31';
const BIN = 'bin';

const common = (type: TopRole, { version, expires }: Common) => ({
  _type: type,
  spec_version: SPEC_VERSION,
  version,
  expires: `${expires.toISOString().slice(0, 19)}Z`,
});

const roleJson = ({ keys, threshold }: RoleKeys) => ({ keyids: keys.map(({ keyId }) => keyId), threshold });
const keysJson = (keys: readonly TrustKey[]) =>
  Object.fromEntries(keys.map((key) => [key.keyId, trustKeyJson(key)]));

/** The keys of a role, and how many of them must have signed. */
export interface RoleKeys {
  readonly keys: readonly TrustKey[];
  readonly threshold: number;
}

export type RoleTable = Readonly<Record<TopRole, RoleKeys>>;

export const rootJson = (about: Common & { readonly roles: RoleTable }): Json => ({
  ...common('root', about),
  consistent_snapshot: true,
  keys: keysJson(TOP_ROLES.flatMap((role) => about.roles[role].keys)),
  roles: Object.fromEntries(TOP_ROLES.map((role) => [role, roleJson(about.roles[role])])),
});

/** `targets`, which holds none itself: 2^`binBits` bins do, signed by the same keys. */
export const targetsJson = (about: Common & { readonly bins: RoleKeys; readonly binBits: number }): Json => ({
  ...common('targets', about),
  targets: {},
  delegations: {
    keys: keysJson(about.bins.keys),
    succinct_roles: { ...roleJson(about.bins), bit_length: about.binBits, name_prefix: BIN },
  },
});

export interface SignedTarget {
  readonly name: string;
  readonly artifact: ArtifactRef;
}

export const binJson = (about: Common & { readonly targets: readonly SignedTarget[] }): Json => ({
  ...common('targets', about),
  targets: Object.fromEntries(
    about.targets.map(({ name, artifact }) => [
      name,
      { length: artifact.size, hashes: { sha256: artifact.checksum.replace('sha256:', '') } },
    ]),
  ),
});

/** `versions`: of `targets` and of every bin. */
export const snapshotJson = (about: Common & { readonly versions: ReadonlyMap<string, number> }): Json => ({
  ...common('snapshot', about),
  meta: Object.fromEntries([...about.versions].map(([role, version]) => [`${role}.json`, { version }])),
});

/** `issued` lets a device whose clock was lost know at least how late it is. */
export const timestampJson = (
  about: Common & {
    readonly issued: Date;
    readonly snapshot: { readonly version: number; readonly body: string };
  },
): Json => ({
  ...common('timestamp', about),
  issued: about.issued.toISOString(),
  meta: {
    'snapshot.json': {
      version: about.snapshot.version,
      length: Buffer.byteLength(about.snapshot.body),
      hashes: { sha256: createHash('sha256').update(about.snapshot.body).digest('hex') },
    },
  },
});

const KINDS = {
  root: MetadataKind.Root,
  targets: MetadataKind.Targets,
  snapshot: MetadataKind.Snapshot,
  timestamp: MetadataKind.Timestamp,
} as const;

/** The file's text with one more signature of each signer; `before` are the signatures that it has. */
export function signMetadata(
  type: TopRole,
  signed: Json,
  signers: readonly TrustSigner[],
  before: readonly Json[] = [],
): string {
  // One call a kind: its types tell them apart.
  const metadata = Metadata.fromJSON(KINDS[type] as MetadataKind.Targets, {
    signed,
    signatures: [...before],
  });
  for (const { keyId, sign } of signers)
    metadata.sign((bytes) => new Signature({ keyID: keyId, sig: sign(bytes) }));
  return JSON.stringify(metadata.toJSON());
}

const suffixLength = (binBits: number): number => (2 ** binBits - 1).toString(16).length;
const binName = (index: number, binBits: number): string =>
  `${BIN}-${index.toString(16).padStart(suffixLength(binBits), '0')}`;

/** The bin that holds the target of this name. */
export const binOf = (name: string, binBits: number): string =>
  binName(createHash('sha256').update(name).digest().readUInt32BE(0) >>> (32 - binBits), binBits);

export const allBins = (binBits: number): readonly string[] =>
  Array.from({ length: 2 ** binBits }, (_, index) => binName(index, binBits));
