import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Device } from '../edge/device.ts';
import { startLocalApi } from '../edge/local/api.ts';
import type { LocalServer } from '../edge/local/server.ts';
import type { DeviceSettings } from './device-settings.ts';

/** Where a device's local interface is: `local.json` in its data folder, readable by its user alone. */
export interface LocalAddress {
  readonly port: number;
  /** Null while the device does not run. */
  readonly url: string | null;
  /** Lets the person who may read this file take a model back. */
  readonly operatorToken: string | null;
}

export interface LocalEndpoint {
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

const pathOf = (dataFolder: string): string => join(dataFolder, 'local.json');

/** Null when there is none, or it cannot be read. */
export async function readLocalAddress(dataFolder: string): Promise<LocalAddress | null> {
  try {
    return JSON.parse(await readFile(pathOf(dataFolder), 'utf8'));
  } catch {
    return null;
  }
}

async function saveLocalAddress(dataFolder: string, address: LocalAddress): Promise<void> {
  const path = pathOf(dataFolder);
  await writeFile(`${path}.tmp`, `${JSON.stringify(address, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.tmp`, path);
}

type Start = (port: number) => Promise<LocalServer>;

/** On the port of the settings, or the one of the last time, or, where another program has that one, on a free one. */
async function startOn(start: Start, wished: number | undefined, last: number | undefined, logger: Logger) {
  if (wished !== undefined) return start(wished);
  if (last === undefined) return start(0);
  return start(last).catch((error: unknown) => {
    logger.warn({ err: error, port: last }, 'the port of the local interface is taken, another one is used');
    return start(0);
  });
}

/**
 * Opens the device's local interface and says in `local.json` where it is. A device whose port another program has
 * goes on without: forecasts matter more. Null then, and logged.
 */
export async function openLocalEndpoint(
  { local = {}, dataFolder }: Pick<DeviceSettings, 'local' | 'dataFolder'>,
  device: Device,
  logger: Logger,
): Promise<LocalEndpoint | null> {
  const { host = LOOPBACK, token = null } = local;
  const operatorToken = randomBytes(24).toString('base64url');
  const start: Start = (port) => startLocalApi({ device, host, port, token, operatorToken, logger });
  try {
    const last = (await readLocalAddress(dataFolder))?.port;
    const server = await startOn(start, local.port, last, logger);
    const { port } = server;
    const reached = host === '0.0.0.0' || host === '::' ? LOOPBACK : host;
    const url = `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
    await saveLocalAddress(dataFolder, { port, url, operatorToken });
    logger.info({ url }, 'the local interface is ready');
    return {
      async close() {
        await server.close();
        await saveLocalAddress(dataFolder, { port, url: null, operatorToken: null });
      },
    };
  } catch (error) {
    logger.error(
      { err: error, port: local.port },
      'no local interface: the port is taken, or the folder is not ours',
    );
    return null;
  }
}
