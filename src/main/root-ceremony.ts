import { readFile, rename, writeFile } from 'node:fs/promises';
import { pino } from 'pino';
import { loadTrustKey, loadTrustSigner, makeTrustKey, UnusableKeyFile } from '../adapters/keys/trust-keys.ts';
import { publishRoot } from '../cloud/trust/roots.ts';
import { type TrustKey, trustKeyOfHex } from '../ota/tuf/keys.ts';
import {
  type RoleKeys,
  type RoleTable,
  rootJson,
  signMetadata,
  TOP_ROLES,
  type TopRole,
} from '../ota/tuf/metadata.ts';
import { parseRoot, UnusableRoot } from '../ota/tuf/read.ts';
import { readDatabase } from './settings/database.ts';
import { BadSetting, type Environment, text } from './settings/read.ts';
import { openSignerStores, requireDatabase } from './signer.ts';
import { unusableDatabase } from './storage.ts';

/** The root as a file that its holders pass on to one another: made, changed, signed by each, published. */

/** Where a passphrase comes from. */
export interface PassphraseWishes {
  readonly passphraseFile?: string;
  /** False where the key files shall have none. */
  readonly passphrase?: boolean;
}

const SHORTEST_PASSPHRASE = 12;
const DAY_MS = 86_400_000;

/** Undefined for none. Throws {@link BadSetting}. */
async function passphraseOf(
  env: Environment,
  { passphraseFile }: PassphraseWishes,
): Promise<string | undefined> {
  if (passphraseFile === undefined) return text(env, 'LIFO4_KEY_PASSPHRASE');
  return (await contents(passphraseFile)).replace(/\r?\n$/, '');
}

const contents = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: Error) => {
    throw new BadSetting(path, `this file cannot be read: ${error.message}`);
  });

/** A key file's problem is one of what was asked for. */
async function asSetting<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof UnusableKeyFile || error instanceof UnusableRoot)
      throw new BadSetting(error instanceof UnusableKeyFile ? 'key' : 'root', error.message);
    throw error;
  }
}

/** Makes a key at each path. Answers their ids. Throws {@link BadSetting}. */
export async function makeKeys(
  env: Environment,
  paths: readonly string[],
  wishes: PassphraseWishes,
): Promise<readonly string[]> {
  const passphrase = await passphraseOf(env, wishes);
  if (passphrase === undefined && wishes.passphrase !== false)
    throw new BadSetting(
      'LIFO4_KEY_PASSPHRASE',
      'set a passphrase for the key files (or --passphrase-file), or write --no-passphrase',
    );
  if (passphrase !== undefined && passphrase.length < SHORTEST_PASSPHRASE)
    throw new BadSetting('LIFO4_KEY_PASSPHRASE', `write at least ${SHORTEST_PASSPHRASE} characters`);
  const made: string[] = [];
  for (const path of paths) made.push((await asSetting(makeTrustKey(path, passphrase))).keyId);
  return made;
}

async function writeWhole(path: string, body: string): Promise<void> {
  await writeFile(`${path}.new`, `${body}\n`);
  await rename(`${path}.new`, path);
}

const readRoot = async (path: string) => {
  const body = (await contents(path)).trim();
  const root = await asSetting(Promise.resolve().then(() => parseRoot(body)));
  return { body, root };
};

/** Public key files of each role. */
export type RoleFiles = Readonly<Record<TopRole, readonly string[]>>;

const keysAt = (paths: readonly string[]): Promise<readonly TrustKey[]> =>
  Promise.all(paths.map((path) => asSetting(loadTrustKey(path))));

export interface RootWishes {
  /** How many root keys must sign. */
  readonly threshold?: number;
  readonly days: number;
}

function assertTable(roles: RoleTable): void {
  for (const role of TOP_ROLES) {
    const { keys, threshold } = roles[role];
    if (keys.length < threshold)
      throw new BadSetting(`--${role}`, `${keys.length} keys cannot reach the threshold ${threshold}`);
  }
}

async function writeRoot(
  path: string,
  version: number,
  roles: RoleTable,
  { days }: RootWishes,
): Promise<void> {
  assertTable(roles);
  const expires = new Date(Date.now() + days * DAY_MS);
  await writeWhole(path, signMetadata('root', rootJson({ version, expires, roles }), []));
}

/** Writes the first root, to be signed by its holders. Throws {@link BadSetting}. */
export async function firstRoot(path: string, files: RoleFiles, wishes: RootWishes): Promise<void> {
  const one = async (role: TopRole): Promise<RoleKeys> => ({ keys: await keysAt(files[role]), threshold: 1 });
  const roles = {
    root: { keys: await keysAt(files.root), threshold: wishes.threshold ?? 2 },
    targets: await one('targets'),
    snapshot: await one('snapshot'),
    timestamp: await one('timestamp'),
  };
  await writeRoot(path, 1, roles, wishes);
}

/** A change to a role's keys, as people write it: `timestamp=new.pub`, or `root=KEYID`. */
export interface KeyChange {
  readonly role: TopRole;
  readonly key: string;
}

/** The key that a change names: by a file, or by the beginning of its id in the root. */
async function removedKey({ key, role }: KeyChange, present: readonly TrustKey[]): Promise<string> {
  const named = present.filter(({ keyId }) => key.length >= 8 && keyId.startsWith(key));
  const keyId = named.length === 1 ? named[0]?.keyId : (await asSetting(loadTrustKey(key))).keyId;
  if (keyId !== undefined && present.some((other) => other.keyId === keyId)) return keyId;
  throw new BadSetting('--remove', `${key} is none of the keys of ${role}`);
}

async function changed(
  role: TopRole,
  { keys, threshold }: RoleKeys,
  add: readonly KeyChange[],
  remove: readonly KeyChange[],
): Promise<RoleKeys> {
  const ofRole = (changes: readonly KeyChange[]) => changes.filter((change) => change.role === role);
  const gone = await Promise.all(ofRole(remove).map((change) => removedKey(change, keys)));
  const kept = keys.filter(({ keyId }) => !gone.includes(keyId));
  const fresh = await keysAt(ofRole(add).map(({ key }) => key));
  return {
    keys: [...kept, ...fresh.filter((key) => !kept.some(({ keyId }) => keyId === key.keyId))],
    threshold,
  };
}

export interface NextRootWishes extends RootWishes {
  readonly add: readonly KeyChange[];
  readonly remove: readonly KeyChange[];
}

/** Writes the root that follows `previous`, with other keys or a later end. Throws {@link BadSetting}. */
export async function nextRoot(previous: string, path: string, wishes: NextRootWishes): Promise<void> {
  const { signed } = (await readRoot(previous)).root;
  const present = (role: TopRole): RoleKeys => ({
    keys: (signed.roles[role]?.keyIDs ?? []).map((id) =>
      trustKeyOfHex(signed.keys[id]?.keyVal['public'] ?? ''),
    ),
    threshold: (role === 'root' ? wishes.threshold : undefined) ?? signed.roles[role]?.threshold ?? 1,
  });
  const roles: RoleTable = {
    root: await changed('root', present('root'), wishes.add, wishes.remove),
    targets: await changed('targets', present('targets'), wishes.add, wishes.remove),
    snapshot: await changed('snapshot', present('snapshot'), wishes.add, wishes.remove),
    timestamp: await changed('timestamp', present('timestamp'), wishes.add, wishes.remove),
  };
  await writeRoot(path, signed.version + 1, roles, wishes);
}

export interface SignRootWishes extends PassphraseWishes {
  readonly key: string;
}

/** Adds a holder's signature to the root. Answers the id of the key. Throws {@link BadSetting}. */
export async function signRoot(env: Environment, path: string, wishes: SignRootWishes): Promise<string> {
  const { body, root } = await readRoot(path);
  const signer = await asSetting(loadTrustSigner(wishes.key, await passphraseOf(env, wishes)));
  const signatures = Object.values(root.signatures).map((signature) => signature.toJSON());
  await writeWhole(path, signMetadata('root', JSON.parse(body).signed, [signer], signatures));
  return signer.keyId;
}

/** What a root lays down and who has signed it, for people. */
export async function describeRoot(path: string): Promise<readonly string[]> {
  const { root } = await readRoot(path);
  const { version, expires, roles } = root.signed;
  const lines = TOP_ROLES.flatMap((role) => {
    const { keyIDs, threshold } = roles[role] ?? { keyIDs: [], threshold: 0 };
    return [
      `${role}: ${threshold} of`,
      ...keyIDs.map((id) => `  ${id}${root.signatures[id] ? '  signed' : ''}`),
    ];
  });
  const others = Object.keys(root.signatures).filter((id) => roles['root']?.keyIDs.includes(id) !== true);
  return [
    `root ${version}, ends ${expires}`,
    ...lines,
    ...others.map((id) => `signed by ${id} of the root before`),
  ];
}

/** Publishes a root in the cloud's database. Answers its version. Throws {@link BadSetting}. */
export async function publishRootFile(env: Environment, path: string): Promise<number> {
  const { body } = await readRoot(path);
  const database = requireDatabase(readDatabase(env));
  const { store, close } = openSignerStores(database, pino({ level: 'silent' }));
  try {
    return await asSetting(publishRoot(store, body));
  } catch (error) {
    throw error instanceof BadSetting ? error : unusableDatabase(error);
  } finally {
    await close();
  }
}
