// Health of a container: `node healthy.mjs api` asks the API, `node healthy.mjs device` looks at the device's memory.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A device writes its readings and its forecast at least once an hour. */
const SILENT_MS = 130 * 60_000;

async function isApiUp() {
  const port = process.env.LIFO4_PORT || '8420';
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(4_000) });
  return answer.ok;
}

function wroteLately() {
  const folder = process.env.LIFO4_DATA || '/data';
  const files = readdirSync(folder).filter((name) => name.startsWith('device.sqlite'));
  return files.some((name) => Date.now() - statSync(join(folder, name)).mtimeMs < SILENT_MS);
}

const checks = { api: isApiUp, device: wroteLately };

try {
  const isHealthy = (await checks[process.argv[2]]()) === true;
  process.exitCode = isHealthy ? 0 : 1;
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
}
