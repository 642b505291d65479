import { once } from 'node:events';
import { readConfig, secretsOf } from './config.ts';
import { ensureDevelopmentTrust } from './development-trust.ts';
import { describeFailure } from './failure.ts';
import { createLogger } from './logging.ts';
import { openSignerStores, requireDatabase, startSigner } from './signer.ts';

/** The signer beside `npm start`, as a process of its own: until SIGINT, SIGTERM or the end of its parent. */

async function main(): Promise<void> {
  const stop = new AbortController();
  for (const event of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.once(event, () => stop.abort());
  // A parent that died while this process was loading is not announced again.
  if (process.connected === false) stop.abort();
  const config = readConfig(process.env);
  const { trust } = config;
  const logger = createLogger({
    level: config.logLevel,
    base: { part: 'signer' },
    secrets: secretsOf(config),
  });
  const database = requireDatabase(config.database);
  const { store, close } = openSignerStores(database, logger);
  await ensureDevelopmentTrust(trust, store, logger).finally(close);
  const signer = startSigner({ database, trust, logger });
  if (!stop.signal.aborted) await once(stop.signal, 'abort');
  await signer.close();
  // The channel to a parent would keep this process alive.
  if (process.connected) process.disconnect();
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 2;
}
