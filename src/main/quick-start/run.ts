import { once } from 'node:events';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Cloud } from '../cloud.ts';
import type { Config } from '../config.ts';
import type { Screen } from '../terminal/screen.ts';
import { type KeptProcess, keepProcess } from './child-process.ts';
import { ensureDevice, ensureReadings, ensureSite } from './seed-site.ts';
import { showDoors, showForecast, trainAndDeploy } from './steps.ts';
import { type Wishes, type World, worldOf } from './world.ts';

export interface QuickStart {
  readonly config: Config;
  readonly wishes: Wishes;
  readonly screen: Screen;
  readonly logger: Logger;
  readonly logFile: string;
  readonly signal: AbortSignal;
  readonly startCloud: (config: Config, logger: Logger) => Promise<Cloud>;
}

async function live(cloud: Cloud, world: World, start: QuickStart): Promise<void> {
  const { config, screen, logger } = start;
  screen.done(`storage, broker and API are up at ${cloud.url}`);
  await ensureSite(cloud, world, screen);
  await ensureReadings(cloud, world, config.dataDir, screen);
  const settings = await ensureDevice(cloud, world, config.dataDir, config.topicPrefix);
  const device = keepProcess({
    ...{ name: 'device', entry: new URL('../edge.ts', import.meta.url), args: [settings] },
    logFile: join(config.dataDir, 'devices', world.systemId, 'device.log'),
    logger,
  });
  try {
    const modelServes = await trainAndDeploy(cloud, world.systemId, start);
    await showForecast(cloud, world, start, modelServes);
    if (!start.signal.aborted) await showDoors(cloud, world.systemId, start);
    await untilStopped(cloud, start.signal);
  } finally {
    screen.line('  closing …');
    await device.close();
  }
}

/** Resolves at Ctrl-C; rejects when a part that the program cannot live without has ended. */
export async function untilStopped({ failed }: Cloud, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const failure = await Promise.race([failed, once(signal, 'abort').then(() => null)]);
  if (failure !== null) throw failure;
}

/** Signs models in a process of its own; its first start makes development keys where no root is published. */
export function signerOf(
  { postgres }: Cloud,
  { dataDir, keysDir, trust }: Config,
  logger: Logger,
): KeptProcess {
  logger.warn(
    { keys: trust.rootsFolder },
    'models are signed beside the cloud, with development keys unless there are others: see docs/keys.md',
  );
  return keepProcess({
    ...{ name: 'signer', entry: new URL('../signer-process.ts', import.meta.url) },
    env: { LIFO4_DATA: dataDir, LIFO4_KEYS: keysDir, DATABASE_URL: postgres.connectionString },
    logFile: join(dataDir, 'signer.log'),
    logger,
  });
}

/** Brings everything up, shows a site from its load to its forecast, and stays up until the signal. */
export async function runQuickStart(start: QuickStart): Promise<void> {
  const { config, screen, logger } = start;
  screen.line(screen.colors.bold('lifo4-ml'));
  const world = await worldOf(config.dataDir, start.wishes);
  screen.progress(
    'starting storage, broker and API',
    config.database.url === null ? '(the first start takes a moment)' : '',
  );
  const cloud = await start.startCloud({ ...config, clockOffsetMs: world.clockOffsetMs }, logger);
  const signer = signerOf(cloud, config, logger);
  try {
    await live(cloud, world, start);
  } finally {
    await signer.close();
    await cloud.close();
  }
}
