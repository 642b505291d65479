import { binOf } from '../../ota/tuf/metadata.ts';
import { binBitsOf, snapshotVersion, snapshotVersions } from '../../ota/tuf/read.ts';
import type { MetadataFile, TrustStore } from '../../ports/trust-store.ts';

/** All the signed metadata by which a device verifies one target, to be carried to it. */
export interface CarriedMetadata {
  /** Texts by the name of the file. */
  readonly files: Readonly<Record<string, string>>;
  /** When the first of them ends; null where no root is published. */
  readonly until: Date | null;
}

/** Signed metadata is in the making: it is whole a moment later. */
export class MetadataIncomplete extends Error {
  override readonly name = 'MetadataIncomplete';

  constructor(file: string) {
    super(`the signed metadata has no ${file} by now: ask again in a moment`);
  }
}

type Store = Pick<TrustStore, 'latest' | 'read'>;

const nameOf = ({ role, version }: MetadataFile): string =>
  role === 'timestamp' ? 'timestamp.json' : `${version}.${role}.json`;

async function fileOf(store: Store, role: string, version: number | undefined): Promise<MetadataFile> {
  const file = version === undefined ? null : await store.read(role, version);
  if (file === null) throw new MetadataIncomplete(`${version ?? ''}.${role}.json`);
  return file;
}

/** Every root since the first: a device may still trust any of them. */
const rootsUntil = (store: Store, last: number): Promise<readonly MetadataFile[]> =>
  Promise.all(Array.from({ length: last }, (_, index) => fileOf(store, 'root', index + 1)));

/** What the newest timestamp leads to for the target of this name. Rejects with {@link MetadataIncomplete}. */
export async function carriedMetadata(store: Store, target: string): Promise<CarriedMetadata> {
  const root = await store.latest('root');
  if (root === null) return { files: {}, until: null };
  const timestamp = await store.latest('timestamp');
  if (timestamp === null) throw new MetadataIncomplete('timestamp.json');
  const snapshot = await fileOf(store, 'snapshot', snapshotVersion(timestamp.body));
  const versions = snapshotVersions(snapshot.body);
  const targets = await fileOf(store, 'targets', versions.get('targets'));
  const role = binOf(target, binBitsOf(targets.body));
  const bin = await fileOf(store, role, versions.get(role));
  const current = [root, timestamp, snapshot, targets, bin];
  const files = [...(await rootsUntil(store, root.version - 1)), ...current];
  return {
    files: Object.fromEntries(files.map((file) => [nameOf(file), file.body])),
    until: new Date(Math.min(...current.map(({ expires }) => expires.getTime()))),
  };
}
