import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { loadTrustSigner, makeTrustKey } from '../adapters/keys/trust-keys.ts';
import type { TrustSigner } from '../ota/tuf/keys.ts';
import { rootJson, signMetadata } from '../ota/tuf/metadata.ts';
import type { TrustStore } from '../ports/trust-store.ts';
import type { TrustSettings } from './settings/trust.ts';
import { publishRootsOf } from './trust.ts';

const ROOT_KEYS = 3;
const THRESHOLD = 2;
const VALID_MS = 10 * 365 * 86_400_000;

/** The key of the file, made where there is none: a start that was interrupted goes on. */
async function ensureKey(path: string, passphrase: string | undefined): Promise<TrustSigner> {
  return loadTrustSigner(path, passphrase).catch(async () => {
    await makeTrustKey(path, passphrase);
    return loadTrustSigner(path, passphrase);
  });
}

/**
 * Keys for trying things out, where no root is published yet: all on this computer, so that whoever takes it over may
 * sign anything. Runs in the signer's process, which alone ever holds the targets key.
 */
export async function ensureDevelopmentTrust(
  { rootsFolder, onlineFolder, signerFolder, passphrase }: TrustSettings,
  store: TrustStore,
  logger: Logger,
): Promise<void> {
  await publishRootsOf(rootsFolder, store, logger);
  if ((await store.latest('root')) !== null) return;
  const root = await Promise.all(
    Array.from({ length: ROOT_KEYS }, (_, index) =>
      ensureKey(join(rootsFolder, 'development-root', `root-${index + 1}.pem`), passphrase),
    ),
  );
  const one = async (folder: string, role: string) => ({
    keys: [await ensureKey(join(folder, `${role}.pem`), passphrase)],
    threshold: 1,
  });
  const roles = {
    root: { keys: root, threshold: THRESHOLD },
    targets: await one(signerFolder, 'targets'),
    snapshot: await one(onlineFolder, 'snapshot'),
    timestamp: await one(onlineFolder, 'timestamp'),
  };
  const about = { version: 1, expires: new Date(Date.now() + VALID_MS), roles };
  const file = join(rootsFolder, '1.root.json');
  await mkdir(rootsFolder, { recursive: true });
  await writeFile(`${file}.new`, signMetadata('root', rootJson(about), root.slice(0, THRESHOLD)));
  await rename(`${file}.new`, file);
  await publishRootsOf(rootsFolder, store, logger);
  logger.warn(
    { folder: rootsFolder },
    'development keys were made for signing models, all on this computer: docs/keys.md says how to make real ones',
  );
}
