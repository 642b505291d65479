import { generateKeyPairSync } from 'node:crypto';
import { type TrustKey, type TrustSigner, trustSignerOf } from '../../src/ota/tuf/keys.ts';
import {
  allBins,
  binJson,
  binOf,
  type RoleTable,
  rootJson,
  type SignedTarget,
  signMetadata,
  snapshotJson,
  targetsJson,
  timestampJson,
} from '../../src/ota/tuf/metadata.ts';

/** A cloud's signed metadata as a map of files, with all of its keys at hand: for honest clouds and for thieves. */

export const newKey = (): TrustSigner => trustSignerOf(generateKeyPairSync('ed25519').privateKey);

const DAY = 86_400_000;

interface TrustKeys {
  root: TrustSigner[];
  targets: TrustSigner;
  snapshot: TrustSigner;
  timestamp: TrustSigner;
}

const newKeys = (): TrustKeys => ({
  root: [newKey(), newKey(), newKey()],
  ...{ targets: newKey(), snapshot: newKey(), timestamp: newKey() },
});

const one = (key: TrustKey) => ({ keys: [key], threshold: 1 });
const rolesOf = ({ root, targets, snapshot, timestamp }: TrustKeys): RoleTable => ({
  root: { keys: root, threshold: 2 },
  ...{ targets: one(targets), snapshot: one(snapshot), timestamp: one(timestamp) },
});

export interface Release {
  /** When the timestamp ends, from now, ms. */
  readonly timestampMs?: number;
  readonly timestampVersion?: number;
  readonly issued?: Date;
}

/** `files`: what the cloud's HTTP serves, by path. */
export function createTrustRepository(files: Map<string, Uint8Array>, binBits = 2) {
  const targets: SignedTarget[] = [];
  const keys = newKeys();
  let version = 0;
  let timestampVersion = 0;
  let rootVersion = 0;
  const write = (name: string, text: string) => files.set(`/tuf/${name}`, Buffer.from(text));
  const later = (days: number) => new Date(Date.now() + days * DAY);

  /** The next root with the present keys, signed by these. */
  function root(signers: readonly TrustSigner[] = keys.root.slice(0, 2)): string {
    rootVersion += 1;
    const about = { version: rootVersion, expires: later(365), roles: rolesOf(keys) };
    const text = signMetadata('root', rootJson(about), signers);
    write(`${rootVersion}.root.json`, text);
    return text;
  }

  /** Signs all there is anew, as the next version of everything but the root. */
  function release({ timestampMs = DAY, issued = new Date(), ...more }: Release = {}): void {
    version += 1;
    timestampVersion = more.timestampVersion ?? timestampVersion + 1;
    const about = { version, expires: later(90) };
    const bins = one(keys.targets);
    write(
      `${version}.targets.json`,
      signMetadata('targets', targetsJson({ ...about, bins, binBits }), [keys.targets]),
    );
    for (const bin of allBins(binBits)) {
      const held = targets.filter(({ name }) => binOf(name, binBits) === bin);
      write(
        `${version}.${bin}.json`,
        signMetadata('targets', binJson({ ...about, targets: held }), [keys.targets]),
      );
    }
    const versions = new Map(['targets', ...allBins(binBits)].map((role) => [role, version]));
    const snapshot = signMetadata('snapshot', snapshotJson({ ...about, versions }), [keys.snapshot]);
    write(`${version}.snapshot.json`, snapshot);
    const expires = new Date(Date.now() + timestampMs);
    const timestamp = { version: timestampVersion, expires, issued, snapshot: { version, body: snapshot } };
    write('timestamp.json', signMetadata('timestamp', timestampJson(timestamp), [keys.timestamp]));
  }

  return {
    keys,
    root,
    release,
    /** A root replaces the key of a role; a thief signs anew with the one before. */
    releaseByReplaced(role: 'targets' | 'timestamp'): void {
      const stolen = keys[role];
      keys[role] = newKey();
      root();
      keys[role] = stolen;
      release();
    },
    /** Version of the present snapshot, targets and bins. */
    version: () => version,
    setTimestampVersion(value: number) {
      timestampVersion = value;
    },
    sign(target: SignedTarget): void {
      targets.push(target);
      release();
    },
    text: (name: string): string => Buffer.from(files.get(`/tuf/${name}`) ?? []).toString('utf8'),
    write,
  };
}

export type TrustRepository = ReturnType<typeof createTrustRepository>;
