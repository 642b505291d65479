import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import Type, { type Static } from 'typebox';
import { Check } from 'typebox/value';
import type { Assignment } from '../../events/device-journal.ts';
import { targetName } from '../../ota/tuf/target-name.ts';
import type { DeviceStore } from '../../ports/device-store.ts';
import type { DeviceCredential, Fetch } from '../credential.ts';
import { DownloadInterrupted, ModelRejected, messageOf } from '../refusals.ts';
import type { Looked, TrustedFiles } from './look-up-target.ts';

/** Where a device's trust begins, and where the metadata that goes on from there is. */
export interface TrustSettings {
  /** The root that the device was given when it was set up: signed `root.json` as text. */
  readonly root: string;
  /** Address of the metadata on the cloud's own origin, without a trailing slash. */
  readonly metadataUrl: string;
  /** A folder for the time of a look alone. */
  readonly folder: string;
}

export interface TrustOptions extends TrustSettings {
  readonly systemId: string;
  readonly store: Pick<DeviceStore, 'setting' | 'saveSetting'>;
  readonly fetch: Fetch;
  readonly credential: DeviceCredential;
  readonly idleMs: number;
  /** Machine clock, which may be wrong. */
  readonly now: () => Date;
  readonly logger: Logger;
}

/** Says whether what an assignment offers is what the holders of the cloud's offline keys let be signed. */
export interface Trust {
  /**
   * Resolves when the signed metadata names this very file for this device and site. Rejects with `ModelRejected`
   * (`untrusted: …`), with `DownloadInterrupted` when the cloud could not be asked, or with the signal's reason.
   */
  approve(target: Assignment, signal: AbortSignal): Promise<void>;
}

const SETTING = 'trust';

const Remembered = Type.Object({
  /** Hash of the root that all this began with: with another one in its settings a device begins anew. */
  beginning: Type.String(),
  files: Type.Object({
    root: Type.String(),
    timestamp: Type.Optional(Type.String()),
    snapshot: Type.Optional(Type.String()),
    targets: Type.Optional(Type.String()),
  }),
  /** When the newest metadata was signed, epoch ms: it cannot be earlier by now. */
  floor: Type.Number(),
});
type Remembered = Static<typeof Remembered>;

function issuedOf({ timestamp }: TrustedFiles): number {
  if (timestamp === undefined) return 0;
  const { signed }: { readonly signed: { readonly issued?: unknown } } = JSON.parse(timestamp);
  const issued = Date.parse(String(signed.issued));
  return Number.isNaN(issued) ? 0 : issued;
}

const WRAPPED = /^Unable to load \w+ metadata error |^Unable to load targets error |\b\w*Error: /g;

/** Why the metadata is refused, with what to look at. */
function untrusted(error: unknown, now: Date): ModelRejected {
  const problem = messageOf(error).replaceAll(WRAPPED, '');
  const hint = problem.includes('expired')
    ? `: it is ${now.toISOString()} here; renew it in the cloud, or set this device’s clock`
    : '';
  return new ModelRejected('untrusted', `${problem}${hint}`);
}

function assertAgreement({ artifact }: Assignment, target: Looked['target'], name: string): void {
  if (target === null)
    throw new ModelRejected('untrusted', `nothing is signed for this device as ${name}: publish it again`);
  const signed = `sha256:${target.sha256}`;
  if (signed === artifact.checksum && target.length === artifact.size) return;
  throw new ModelRejected(
    'untrusted',
    `${artifact.checksum} of ${artifact.size} bytes is offered, ${signed} of ${target.length} bytes is signed`,
  );
}

/** Keys that say what is newest, of a root that was verified. */
function freshnessKeys(root: string): string {
  const { signed }: { readonly signed: { readonly roles: Record<string, unknown> } } = JSON.parse(root);
  return JSON.stringify([signed.roles['timestamp'], signed.roles['snapshot']]);
}

/**
 * Whether a new root took those keys from whoever held them. Nothing that they signed counts then: with versions or a
 * time far ahead, it would keep a device from ever believing their successors (TUF 1.0, 5.3.11).
 */
const changesHands = (before: string, after: string): boolean =>
  before !== after && freshnessKeys(before) !== freshnessKeys(after);

export function createTrust(options: TrustOptions): Trust {
  const { root, store, systemId, credential, logger } = options;
  const beginning = createHash('sha256').update(root).digest('hex');

  function known(): Remembered {
    const text = store.setting(SETTING);
    const value: unknown = text === null ? null : JSON.parse(text);
    return Check(Remembered, value) && value.beginning === beginning
      ? value
      : { beginning, files: { root }, floor: 0 };
  }

  /** What was verified stays known, whatever else went wrong: no older metadata is believed any more. */
  function remember(before: Remembered, trusted: TrustedFiles): Remembered {
    // Over the link and from a carried file at the same time: what is older must not take the newer's place.
    if (JSON.stringify(known()) !== JSON.stringify(before))
      throw new DownloadInterrupted('other signed metadata was verified meanwhile: try again');
    const files = { ...trusted, root: trusted.root ?? before.files.root };
    const after: Remembered = changesHands(before.files.root, files.root)
      ? { beginning, files: { root: files.root }, floor: 0 }
      : { beginning, files, floor: Math.max(before.floor, issuedOf(files)) };
    if (JSON.stringify(after) !== JSON.stringify(before)) store.saveSetting(SETTING, JSON.stringify(after));
    return after;
  }

  async function look(name: string, before: Remembered, signal: AbortSignal) {
    const { lookUpTarget } = await import('./look-up-target.ts');
    const now = new Date(Math.max(options.now().getTime(), before.floor));
    const looked = await lookUpTarget(name, { ...options, trusted: before.files, now }, signal);
    logger.info({ ...looked.traffic, target: name }, 'signed metadata was read');
    return { ...looked, now, after: remember(before, looked.trusted) };
  }

  return {
    async approve(assignment, signal) {
      const name = targetName({ ...assignment, systemId, deviceId: credential.deviceId });
      const before = known();
      const first = await look(name, before, signal);
      // What the old keys had said of versions and of the time may have stood in the way of what the new ones say.
      const isNewHand = first.error !== null && changesHands(before.files.root, first.after.files.root);
      const looked = isNewHand ? await look(name, first.after, signal) : first;
      if (looked.interruption !== null)
        throw new DownloadInterrupted(`the signed metadata could not be read: ${looked.interruption}`);
      if (looked.error !== null) throw untrusted(looked.error, looked.now);
      assertAgreement(assignment, looked.target, name);
    },
  };
}
