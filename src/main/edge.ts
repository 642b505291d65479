import { describeFailure } from './failure.ts';
import { runDevice } from './run-device.ts';
import { BadSetting } from './settings/read.ts';

/** `node src/main/edge.ts SETTINGS.json`: one device, until SIGINT, SIGTERM or the end of its parent. */

/** Well under what service managers wait before they kill. */
const PATIENCE_MS = 20_000;
const USAGE = 'write node src/main/edge.ts SETTINGS.json, the settings file of one device';

async function main([, , path]: readonly string[]): Promise<void> {
  if (path === undefined || path === '--help') throw new BadSetting('SETTINGS.json', USAGE);
  const stop = new AbortController();
  // A disk that is gone can hold up what is written last; the next start goes on from what is on it.
  stop.signal.addEventListener('abort', () => {
    setTimeout(() => {
      process.stderr.write('lifo4-ml: did not end in order within 20 s, ending now\n');
      process.exit(1);
    }, PATIENCE_MS).unref();
  });
  for (const event of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.once(event, () => stop.abort());
  // A parent that died while this process was loading is not announced again.
  if (process.connected === false) stop.abort();
  await runDevice(path, process.env['LIFO4_LOG_LEVEL'] ?? 'info', stop.signal);
  // The channel to a parent would keep this process alive.
  if (process.connected) process.disconnect();
}

try {
  await main(process.argv);
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 2;
}
