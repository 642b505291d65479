import type { ArtifactPlace } from '../../ports/artifact-store.ts';
import type { FileDocument, FileHolder } from '../../projections/documents.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { type UseDependencies, versionsInUse } from './versions-in-use.ts';

export type SorterDependencies = UseDependencies & Pick<CloudDependencies, 'artifacts' | 'logger'>;

/** What became of a file, or what it is found to be. `missing` is wanted and not there; `gone` is wanted by nobody. */
export type SortedFile = 'archived' | 'taken-back' | 'kept' | 'resting' | 'missing' | 'gone';

/** Versions of a site whose files must be at hand. */
type VersionsInUse = (systemId: string) => Promise<ReadonlySet<string>>;

async function isNeeded(holders: readonly FileHolder[], inUse: VersionsInUse): Promise<boolean> {
  for (const { systemId, version } of holders) {
    if (version !== null && (await inUse(systemId)).has(version)) return true;
  }
  return false;
}

/** What a file is found to be that is not there. */
function absent(
  { logger }: SorterDependencies,
  { checksum, holders }: FileDocument,
  needed: boolean,
): SortedFile {
  if (!needed) return 'gone';
  logger.error({ checksum, holders }, 'the file of a model in use is not in the store');
  return 'missing';
}

async function keep(
  { artifacts }: SorterDependencies,
  checksum: string,
  place: ArtifactPlace,
): Promise<SortedFile> {
  if (place === 'kept') return 'kept';
  await artifacts.unarchive(checksum);
  return 'taken-back';
}

async function rest(cloud: SorterDependencies, { checksum, holders }: FileDocument): Promise<SortedFile> {
  await cloud.artifacts.archive(checksum);
  // Somebody may have wanted it again meanwhile: their fact came first, or they take it back themselves.
  if (!(await isNeeded(holders, (systemId) => versionsInUse(cloud, systemId)))) return 'archived';
  await cloud.artifacts.unarchive(checksum);
  return 'kept';
}

/**
 * Puts one model file where it belongs: kept while any version of any site that has these bytes is in use, archived
 * otherwise. May be repeated and interrupted at any point. `inUse` may be some seconds old.
 */
export async function sortFile(
  cloud: SorterDependencies,
  file: FileDocument,
  inUse: VersionsInUse,
): Promise<SortedFile> {
  const place = await cloud.artifacts.place(file.checksum);
  const needed = await isNeeded(file.holders, inUse);
  if (place === null) return absent(cloud, file, needed);
  if (needed) return keep(cloud, file.checksum, place);
  return place === 'archived' ? 'resting' : rest(cloud, file);
}
