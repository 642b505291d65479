import type { Logger } from 'pino';
import type { TrustSigner } from '../../ota/tuf/keys.ts';
import { signMetadata, snapshotJson, type TopRole, timestampJson } from '../../ota/tuf/metadata.ts';
import { keyIdsOf, snapshotVersions } from '../../ota/tuf/read.ts';
import type { Clock } from '../../ports/clocks.ts';
import type { MetadataFile, TargetRequest, TargetState, TrustStore } from '../../ports/trust-store.ts';
import { endOf, isFresh, type TrustLifetimes } from './lifetimes.ts';

/** What a cloud node does for devices to trust a model: it asks for targets, and signs what is newest. */
export interface TrustPublisher {
  /**
   * Whether devices can verify this target by now. False while the signer has not signed it. True where no root is
   * published: devices were then given none. Rejects with {@link TargetRefused} or {@link TrustKeyMissing}.
   */
  ensure(target: TargetRequest): Promise<boolean>;
  /** Signs timestamp and snapshot again where something changed, or half of their time has passed. */
  renew(): Promise<void>;
}

/** The signer will not sign this target. */
class TargetRefused extends Error {
  override readonly name = 'TargetRefused';

  constructor({ systemId, version }: TargetRequest, reason: string) {
    super(`version ${version} is not signed for site ${systemId}: ${reason}`);
  }
}

/** The published root names other keys for a role than this node has. */
class TrustKeyMissing extends Error {
  override readonly name = 'TrustKeyMissing';

  constructor(role: TopRole) {
    super(
      `this node has no ${role} key that the published root names: put one into the folder trust/online of LIFO4_KEYS`,
    );
  }
}

export interface TrustPublisherOptions {
  readonly store: TrustStore;
  /** The online keys that are at hand by now; which is whose the root says. */
  readonly signers: () => Promise<readonly TrustSigner[]>;
  /** Machine clock. */
  readonly clock: Clock;
  readonly lifetimes: TrustLifetimes;
  readonly logger: Logger;
}

/** Between nodes that sign at the same time one is first; the other looks again. */
const MOST_TRIES = 5;

const isSame = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean =>
  a.size === b.size && [...a].every(([role, version]) => b.get(role) === version);

const isSignedBy =
  (named: readonly string[]) =>
  ({ keyIds }: Pick<MetadataFile, 'keyIds'>): boolean =>
    keyIds.some((id) => named.includes(id));

const isSameFile = (a: TargetRequest, b: TargetRequest): boolean =>
  a.artifact.checksum === b.artifact.checksum && a.artifact.size === b.artifact.size;

type SignedIn = NonNullable<TargetState['signed']>;

export function createTrustPublisher(options: TrustPublisherOptions): TrustPublisher {
  const { store, signers, clock, lifetimes, logger } = options;
  /** What the newest snapshot that this node has seen names. Numbers only rise. */
  let included: ReadonlyMap<string, number> = new Map();
  /** The root under which it was looked at: with another one, other keys count. */
  let lookedUnder = 0;
  let current: Promise<void> = Promise.resolve();

  async function signerOf(root: string, role: TopRole): Promise<TrustSigner> {
    const named = keyIdsOf(root, role);
    const signer = (await signers()).find(({ keyId }) => named.includes(keyId));
    if (signer === undefined) throw new TrustKeyMissing(role);
    return signer;
  }

  const stands = (file: MetadataFile | null, signer: TrustSigner, lifetimeMs: number): file is MetadataFile =>
    file?.keyIds.includes(signer.keyId) === true && isFresh(file.expires, lifetimeMs, clock.now());

  function nextSnapshot(
    last: MetadataFile | null,
    signer: TrustSigner,
    versions: ReadonlyMap<string, number>,
  ): MetadataFile {
    const isNews = last === null || !isSame(snapshotVersions(last.body), versions);
    if (!isNews && stands(last, signer, lifetimes.snapshotMs)) return last;
    const about = { version: (last?.version ?? 0) + 1, expires: endOf(clock.now(), lifetimes.snapshotMs) };
    const body = signMetadata('snapshot', snapshotJson({ ...about, versions }), [signer]);
    return { role: 'snapshot', ...about, body, keyIds: [signer.keyId] };
  }

  function nextTimestamp(
    last: MetadataFile | null,
    signer: TrustSigner,
    snapshot: MetadataFile,
  ): MetadataFile {
    const issued = clock.now();
    const about = { version: (last?.version ?? 0) + 1, expires: endOf(issued, lifetimes.timestampMs) };
    const body = signMetadata('timestamp', timestampJson({ ...about, issued, snapshot }), [signer]);
    return { role: 'timestamp', ...about, body, keyIds: [signer.keyId] };
  }

  /** What has to be written for everything to be newest and fresh; nothing when it is. */
  async function due(root: string, versions: ReadonlyMap<string, number>, last: MetadataFile | null) {
    const timestamp = await store.latest('timestamp');
    const timestampKey = await signerOf(root, 'timestamp');
    const snapshot = nextSnapshot(last, await signerOf(root, 'snapshot'), versions);
    const isNews = snapshot !== last;
    if (!isNews && stands(timestamp, timestampKey, lifetimes.timestampMs)) return [];
    const next = nextTimestamp(timestamp, timestampKey, snapshot);
    return isNews ? [snapshot, next] : [next];
  }

  /** False when another node signed at the same time. */
  async function tryAdvance(root: MetadataFile): Promise<boolean> {
    const last = await store.latest('snapshot');
    // After the snapshot was read: versions only rise, so that what is written next never names an older one.
    const targets = await store.targetFiles();
    const versions = new Map(targets.map(({ role, version }) => [role, version]));
    const isSigned = isSignedBy(keyIdsOf(root.body, 'targets'));
    // The signer has not begun, or not signed again with the key that a new root names: no device would believe it.
    if (!versions.has('targets') || !targets.every(isSigned)) return true;
    const files = await due(root.body, versions, last);
    if (files.length > 0 && !(await store.add(files))) return false;
    included = versions;
    lookedUnder = root.version;
    const signed = files.map(({ role, version }) => `${version}.${role}`);
    if (files.length > 0) logger.info({ signed }, 'metadata for devices was signed');
    return true;
  }

  async function advance(): Promise<void> {
    const root = await store.latest('root');
    if (root === null) return;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) if (await tryAdvance(root)) return;
    throw new Error('other nodes sign all the time: this one tries again later');
  }

  /** One at a time; who waited finds most often that all is done. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const mine = current.then(work);
    current = mine.catch(() => undefined);
    return mine;
  }

  const isIncluded = ({ bin, version }: SignedIn): boolean => (included.get(bin) ?? 0) >= version;

  async function include(signed: SignedIn, root: MetadataFile): Promise<boolean> {
    if (lookedUnder !== root.version) included = new Map();
    if (!isIncluded(signed)) await inTurn(async () => (isIncluded(signed) ? undefined : advance()));
    return isIncluded(signed);
  }

  return {
    renew: () => inTurn(advance),
    async ensure(target) {
      const root = await store.latest('root');
      if (root === null) return true;
      const state = await store.target(target.name);
      if (state === null || !isSameFile(state, target)) {
        await store.request(target);
        return false;
      }
      if (state.refusal !== null) throw new TargetRefused(target, state.refusal);
      return state.signed !== null && include(state.signed, root);
    },
  };
}
