import { createHash } from 'node:crypto';
import type { Assignment } from '../events/device-journal.ts';
import { readsDesiredState } from '../machines/device-update.ts';
import { AssignmentRefused, parseAssignment } from '../ota/assignment.ts';
import { MAX_HEADER_BYTES, openInstallFile, type SignedMetadata } from '../ota/install-file.ts';
import type { TrustedKeys } from '../ota/signature.ts';
import { MalformedMessage } from '../ota/wire.ts';
import type { Clocks } from '../ports/clocks.ts';
import type { DeviceStore } from '../ports/device-store.ts';
import { noteCarried } from './carried-model.ts';
import type { Fetch } from './credential.ts';
import { MAX_MODEL_BYTES } from './device-options.ts';
import { refuseFullDisk } from './download.ts';
import type { Files } from './files.ts';
import type { DeviceJournal } from './journal.ts';
import type { ModelFolder } from './model-folder.ts';
import { DownloadInterrupted, ModelRejected } from './refusals.ts';
import { inspectSiteModel } from './site-model.ts';
import { createTrust, type TrustOptions, type TrustSettings } from './trust/trust.ts';

/** More than any carried file has: the largest model that is taken, and its header. */
export const MOST_INSTALL_BYTES = MAX_MODEL_BYTES + MAX_HEADER_BYTES;

/** A carried file is not one that this device may install now; the model that it has goes on. */
export class InstallRefused extends Error {
  override readonly name = 'InstallRefused';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What a carried file brings. */
export interface CarriedModel {
  readonly version: string;
  readonly assignment: number;
}

/** Takes the bytes of a carried file as they come. Rejects with {@link InstallRefused}. */
export type InstallCarried = (
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
) => Promise<CarriedModel>;

/** Whom a carried file is held against: what the device's settings say. */
export interface InstallRules {
  readonly systemId: string;
  readonly deviceId: string;
  readonly secret: string;
  readonly keys: TrustedKeys;
  readonly modelOrigins: readonly string[];
  /** Null where the assignment's signature alone vouches for a model. */
  readonly trust: TrustSettings | null;
  readonly maxModelBytes: number;
}

export interface InstallCarriedOptions extends InstallRules {
  /** Site clock, and the machine's own, by which metadata ends. */
  readonly clocks: Clocks;
  readonly store: DeviceStore;
  readonly journal: DeviceJournal;
  readonly folder: ModelFolder;
  readonly files: Files;
  readonly logger: TrustOptions['logger'];
}

/** Nothing is asked of a network: what is not in the file is not there. */
const carriedFetch =
  (metadataUrl: string, metadata: SignedMetadata): Fetch =>
  async (address) => {
    const name = String(address).slice(metadataUrl.length + 1);
    const text = Object.hasOwn(metadata, name) ? metadata[name] : undefined;
    if (text !== undefined) return new Response(text);
    if (name.endsWith('.root.json')) return new Response(null, { status: 404 });
    throw new Error('the file does not have it');
  };

function codeOf(error: unknown): string | null {
  if (error instanceof AssignmentRefused) return error.refusal;
  if (error instanceof MalformedMessage) return 'malformed';
  if (error instanceof ModelRejected) return error.code;
  return error instanceof DownloadInterrupted ? 'incomplete' : null;
}

function asRefusal(error: unknown): never {
  const code = codeOf(error);
  if (code === null || !(error instanceof Error)) throw error;
  throw new InstallRefused(code, error.message, { cause: error });
}

/**
 * Installs from a file as from the link, by the same checks: signature, site and device, rising number, expiry,
 * metadata, checksum, length and content are looked at before anything changes. Then the journal has the assignment,
 * and the device goes on as if it had downloaded the model.
 */
export function createCarriedInstall(options: InstallCarriedOptions): InstallCarried {
  const { systemId, deviceId, keys, modelOrigins: origins, clocks, store, journal, folder, files } = options;
  let isBusy = false;

  /** Whether the journal has it already and only waits for the bytes. */
  const isAwaited = ({ assignment }: Assignment): boolean =>
    journal.stage().context.attempt?.assignment === assignment && journal.stage().state === 'downloading';

  function assertWanted(target: Assignment): void {
    const { running, floor } = journal.stage().context;
    const { version, assignment, artifact } = target;
    if (running?.artifact.checksum === artifact.checksum)
      throw new InstallRefused('already-installed', `version ${version} runs here already`);
    if (isAwaited(target)) return;
    if (!readsDesiredState(journal.stage()))
      throw new InstallRefused('busy', 'a model is being installed: try again in a minute');
    if (assignment <= floor)
      throw new InstallRefused(
        'older-assignment',
        `assignment ${assignment} is not newer than ${floor}, which this device already dealt with: export it anew`,
      );
  }

  async function approve(target: Assignment, metadata: SignedMetadata, signal: AbortSignal): Promise<void> {
    const { trust, secret, logger } = options;
    if (trust === null) return;
    const { metadataUrl } = trust;
    const about = { systemId, store, logger, credential: { deviceId, secret }, idleMs: 10_000 };
    await createTrust({
      ...{ ...about, root: trust.root, metadataUrl, folder: `${trust.folder}-carried` },
      fetch: carriedFetch(metadataUrl, metadata),
      now: () => clocks.machine.now(),
    }).approve(target, signal);
  }

  async function write(model: AsyncIterable<Uint8Array>, { size }: Assignment['artifact']) {
    await files.remove(folder.carryingPath);
    const file = await files.append(folder.carryingPath);
    const hash = createHash('sha256');
    let received = 0;
    try {
      for await (const chunk of model) {
        received += chunk.length;
        if (received > size)
          throw new ModelRejected('size-mismatch', `more than the ${size} bytes that were signed`);
        hash.update(chunk);
        await file.write(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return { received, digest: `sha256:${hash.digest('hex')}` };
  }

  /** The model's bytes on the disk, under a name that nothing else looks at. */
  async function receive(model: AsyncIterable<Uint8Array>, { artifact, version }: Assignment): Promise<void> {
    const { size, checksum } = artifact;
    if (size > options.maxModelBytes)
      throw new ModelRejected('too-large', `${size} bytes, at most ${options.maxModelBytes} are taken`);
    refuseFullDisk(await folder.free(), artifact, 0);
    const { received, digest } = await write(model, artifact);
    if (received < size)
      throw new ModelRejected(
        'size-mismatch',
        `the file ended after ${received} of ${size} bytes of the model`,
      );
    if (digest !== checksum)
      throw new ModelRejected('checksum', `the model has ${digest}, ${checksum} was signed`);
    inspectSiteModel((await files.read(folder.carryingPath)) ?? new Uint8Array(), { systemId, version });
  }

  /** At once, or not at all: the link may have brought another one while the file was read. */
  async function adopt(target: Assignment): Promise<void> {
    await folder.keepCarried(target.artifact.checksum);
    try {
      assertWanted(target);
      noteCarried(store, target);
      if (!isAwaited(target)) journal.apply({ type: 'assign', target });
    } catch (error) {
      await folder.clearCarried(null);
      throw error;
    }
  }

  async function install(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<CarriedModel> {
    const { assignment, metadata, model } = await openInstallFile(chunks);
    const { floor } = journal.stage().context;
    const rules = { systemId, deviceId, keys, origins, floor, now: clocks.site.now() };
    const target = await parseAssignment(assignment, rules);
    assertWanted(target);
    await approve(target, metadata, signal);
    try {
      await receive(model, target);
      await adopt(target);
    } finally {
      await files.remove(folder.carryingPath);
    }
    const carried = { version: target.version, assignment: target.assignment };
    options.logger.info(carried, 'a carried model is taken');
    return carried;
  }

  return async (chunks, signal) => {
    if (isBusy) throw new InstallRefused('busy', 'another file is being read: try again in a minute');
    isBusy = true;
    try {
      return await install(chunks, signal).catch(asRefusal);
    } finally {
      isBusy = false;
    }
  };
}
