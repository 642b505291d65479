import type { Logger } from 'pino';
import { createPool } from '../adapters/postgres/connect.ts';
import { createPostgresEventLog } from '../adapters/postgres/event-log.ts';
import { createBell } from '../adapters/postgres/notifications.ts';
import { createPostgresTrustStore } from '../adapters/postgres/trust-store.ts';
import { createTargetSigner } from '../cloud/trust/signer.ts';
import { createCatalogueRules } from '../events/catalogue.ts';
import { systemClocks } from '../ports/clocks.ts';
import type { DatabaseSettings } from './settings/database.ts';
import { BadSetting } from './settings/read.ts';
import type { TrustSettings } from './settings/trust.ts';
import { keysOf } from './trust.ts';

/** A running signer. */
export interface Signer {
  /** Lets a round that is under way finish. */
  close(): Promise<void>;
}

const ROUND_MS = 250;
const PAUSE_AFTER_FAILURE_MS = 5_000;
const CONNECTIONS = 4;

type SharedDatabase = DatabaseSettings & { readonly url: string };

/** The signer signs for a cloud. Throws {@link BadSetting}. */
export function requireDatabase({ url, ...rest }: DatabaseSettings): SharedDatabase {
  if (url === null)
    throw new BadSetting(
      'DATABASE_URL',
      'the signer signs what the cloud’s database calls for: name that one',
    );
  return { url, ...rest };
}

/** The log and the metadata, and nothing else of the database. */
export function openSignerStores(database: SharedDatabase, logger: Logger) {
  const { url: connectionString, ...limits } = database;
  const about = { maxConnections: CONNECTIONS, applicationName: 'lifo4-ml-signer', logger };
  const pool = createPool({ connectionString, ...limits, ...about });
  const log = createPostgresEventLog({
    pool,
    rules: createCatalogueRules(),
    onCommitted: () => undefined,
    sequenced: createBell((err) => logger.error({ err }, 'a listener failed')),
  });
  return { log, store: createPostgresTrustStore({ pool }), close: () => pool.end() };
}

export interface StartSignerOptions {
  readonly database: SharedDatabase;
  readonly trust: TrustSettings;
  readonly logger: Logger;
}

/** Starts the process that alone has the targets key: it signs what the log bears out, and listens to nobody. */
export function startSigner({ database, trust, logger }: StartSignerOptions): Signer {
  const { log, store, close } = openSignerStores(database, logger);
  const { signerFolder, passphrase, binBits, lifetimes } = trust;
  const { targetsMs: lifetimeMs } = lifetimes;
  const signers = keysOf(signerFolder, passphrase);
  const clock = systemClocks().machine;
  const signer = createTargetSigner({ store, log, signers, clock, lifetimeMs, binBits, logger });
  const { promise: stopped, resolve: stop } = Promise.withResolvers<'stopped'>();

  async function pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([over, stopped]);
    clearTimeout(timer);
  }

  let isStopped = false;
  async function run(): Promise<void> {
    while (!isStopped) {
      try {
        await signer.round();
        await pause(ROUND_MS);
      } catch (err) {
        logger.error({ err }, 'targets could not be signed: tried again in a moment');
        await pause(PAUSE_AFTER_FAILURE_MS);
      }
    }
  }

  const running = run();
  return {
    async close() {
      isStopped = true;
      stop('stopped');
      await running;
      await close();
    },
  };
}
