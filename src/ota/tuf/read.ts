import { Metadata, MetadataKind } from '@tufjs/models';
import type { TopRole } from './metadata.ts';

/** Reads metadata that the cloud itself holds: what a root lays down, and whether it may follow another one. */

/** The root is not one that devices would take. */
export class UnusableRoot extends Error {
  override readonly name = 'UnusableRoot';
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A root as it was written. Throws {@link UnusableRoot}. */
export function parseRoot(text: string) {
  try {
    return Metadata.fromJSON(MetadataKind.Root, JSON.parse(text));
  } catch (error) {
    throw new UnusableRoot(`this is no root metadata: ${messageOf(error)}`);
  }
}

/** The keys that a root names for a role. Throws {@link UnusableRoot}. */
export const keyIdsOf = (root: string, role: TopRole): readonly string[] =>
  parseRoot(root).signed.roles[role]?.keyIDs ?? [];

type Root = ReturnType<typeof parseRoot>;

function assertSigned(root: Root, by: Root, whose: string): void {
  try {
    by.verifyDelegate('root', root);
  } catch (error) {
    const advice = 'let their holders run "lifo4-ml keys sign-root" first';
    throw new UnusableRoot(`${messageOf(error)}, by ${whose}: ${advice}`);
  }
}

/**
 * The version and end of a root that devices which trust `previous` take; null for the first of all. Throws
 * {@link UnusableRoot} that says what is missing.
 */
export function checkRoot(
  text: string,
  previous: string | null,
): { readonly version: number; readonly expires: Date; readonly keyIds: readonly string[] } {
  const root = parseRoot(text);
  const { version, expires } = root.signed;
  const before = previous === null ? null : parseRoot(previous);
  const wanted = before === null ? 1 : before.signed.version + 1;
  if (version !== wanted)
    throw new UnusableRoot(`version ${version} cannot follow: version ${wanted} is wanted`);
  if (before !== null) assertSigned(root, before, 'the keys of the root before it');
  assertSigned(root, root, 'its own keys');
  return { version, expires: new Date(expires), keyIds: Object.keys(root.signatures) };
}

/** Version numbers that a snapshot names, by role. */
export function snapshotVersions(text: string): ReadonlyMap<string, number> {
  const { signed } = Metadata.fromJSON(MetadataKind.Snapshot, JSON.parse(text));
  return new Map(
    Object.entries(signed.meta).map(([file, { version }]) => [file.replace(/\.json$/, ''), version]),
  );
}

/** Into how many bins `targets` divides its names, as a power of two. */
export function binBitsOf(text: string): number {
  const { signed } = Metadata.fromJSON(MetadataKind.Targets, JSON.parse(text));
  return signed.delegations?.succinctRoles?.bitLength ?? 0;
}

/** The version of the snapshot that a timestamp names. */
export function snapshotVersion(text: string): number {
  const { signed } = Metadata.fromJSON(MetadataKind.Timestamp, JSON.parse(text));
  return signed.snapshotMeta.version;
}
