import type { Logger } from 'pino';
import type { TrustSigner } from '../../ota/tuf/keys.ts';
import { allBins, binJson, binOf, signMetadata, targetsJson } from '../../ota/tuf/metadata.ts';
import { binBitsOf, keyIdsOf } from '../../ota/tuf/read.ts';
import { targetName } from '../../ota/tuf/target-name.ts';
import type { Clock } from '../../ports/clocks.ts';
import type { EventLog } from '../../ports/event-log.ts';
import type { MetadataFile, SignedTargets, TargetRequest, TrustStore } from '../../ports/trust-store.ts';
import { endOf, isFresh } from './lifetimes.ts';
import { vetTarget } from './vet-target.ts';

/**
 * Signs what devices may install, with a key that no other process has: it believes the log alone, and no request.
 */
export interface TargetSigner {
  /** Signs what waits, and again what will end. Answers how many targets were signed or refused. */
  round(): Promise<number>;
}

export interface TargetSignerOptions {
  readonly store: TrustStore;
  readonly log: Pick<EventLog, 'lookup' | 'readStream'>;
  /** Keys at hand by now; which one signs targets the root says. */
  readonly signers: () => Promise<readonly TrustSigner[]>;
  /** Machine clock. */
  readonly clock: Clock;
  readonly lifetimeMs: number;
  /** Names are divided among 2^`binBits` files; fixed by the first round of all. */
  readonly binBits: number;
  readonly logger: Logger;
}

/** The published root names other keys for targets than are at hand. */
class TargetsKeyMissing extends Error {
  override readonly name = 'TargetsKeyMissing';

  constructor() {
    super('the published root names none of the keys at hand for targets: check LIFO4_SIGNER_KEYS');
  }
}

const PAGE = 500;

type Version = Omit<MetadataFile, 'body'>;

export function createTargetSigner(options: TargetSignerOptions): TargetSigner {
  const { store, log, signers, clock, lifetimeMs, logger } = options;

  const standsBy =
    ({ keyId }: TrustSigner) =>
    (file: Version | undefined): boolean =>
      file?.keyIds.includes(keyId) === true && isFresh(file.expires, lifetimeMs, clock.now());

  /** Whether the log bears a request out; one that it does not is refused, and says why. */
  async function vet(request: TargetRequest): Promise<boolean> {
    const isNamed = request.name === targetName(request);
    const problem = isNamed ? await vetTarget(log, request) : 'its name is another one’s';
    if (problem === null) return true;
    await store.refuse(request.name, problem);
    logger.warn({ ...request, problem }, 'a target was refused');
    return false;
  }

  async function vetted(): Promise<readonly TargetRequest[]> {
    const accepted: TargetRequest[] = [];
    for (const request of await store.unsigned(PAGE)) if (await vet(request)) accepted.push(request);
    return accepted;
  }

  /** `targets` itself, where it has to be signed anew. */
  function topFile(last: Version | undefined, signer: TrustSigner, binBits: number): MetadataFile | null {
    if (standsBy(signer)(last)) return null;
    const about = { version: (last?.version ?? 0) + 1, expires: endOf(clock.now(), lifetimeMs) };
    const bins = { keys: [signer], threshold: 1 };
    const body = signMetadata('targets', targetsJson({ ...about, bins, binBits }), [signer]);
    return { role: 'targets', ...about, body, keyIds: [signer.keyId] };
  }

  async function binFile(
    bin: string,
    last: Version | undefined,
    added: readonly TargetRequest[],
    signer: TrustSigner,
  ): Promise<MetadataFile> {
    const about = { version: (last?.version ?? 0) + 1, expires: endOf(clock.now(), lifetimeMs) };
    const targets = [...(await store.targetsIn(bin)), ...added];
    const body = signMetadata('targets', binJson({ ...about, targets }), [signer]);
    return { role: bin, ...about, body, keyIds: [signer.keyId] };
  }

  async function roundWith(signer: TrustSigner): Promise<number> {
    const files = new Map((await store.targetFiles()).map((file) => [file.role, file]));
    const top = files.has('targets') ? await store.latest('targets') : null;
    const binBits = top === null ? options.binBits : binBitsOf(top.body);
    const accepted = Map.groupBy(await vetted(), ({ name }) => binOf(name, binBits));
    const due = allBins(binBits).filter((bin) => accepted.has(bin) || !standsBy(signer)(files.get(bin)));
    const bins = await Promise.all(
      due.map((bin) => binFile(bin, files.get(bin), accepted.get(bin) ?? [], signer)),
    );
    const signed = bins.flatMap(({ role: bin, version }): SignedTargets[] => {
      const names = accepted.get(bin)?.map(({ name }) => name);
      return names === undefined ? [] : [{ names, bin, version }];
    });
    const added = [topFile(files.get('targets'), signer, binBits), ...bins].filter((file) => file !== null);
    if (added.length === 0) return 0;
    if (!(await store.add(added, signed))) return 0;
    const count = signed.reduce((sum, { names }) => sum + names.length, 0);
    logger.info({ targets: count, bins: bins.length }, 'targets were signed');
    return count;
  }

  return {
    async round() {
      const root = await store.latest('root');
      if (root === null) return 0;
      const named = keyIdsOf(root.body, 'targets');
      const signer = (await signers()).find(({ keyId }) => named.includes(keyId));
      if (signer === undefined) throw new TargetsKeyMissing();
      return roundWith(signer);
    },
  };
}
