import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JWK } from 'jose';
import pino, { type Logger } from 'pino';
import { createMqttDeviceClient } from '../adapters/mqtt/device-client.ts';
import { createModelLoader } from '../adapters/onnxruntime/model-loader.ts';
import { openDeviceStore } from '../adapters/sqlite/device-store.ts';
import { createDevice, type Device } from '../edge/device.ts';
import { systemClocks } from '../ports/clocks.ts';
import { type DeviceSettings, readDeviceSettings } from './device-settings.ts';
import { describeFailure } from './failure.ts';
import { BadSetting } from './settings/read.ts';
import { simulatedSource } from './simulated-source.ts';

/** `node src/main/edge.ts SETTINGS.json`: one device, until SIGINT, SIGTERM or the end of its parent. */

const USAGE = 'write node src/main/edge.ts SETTINGS.json, the settings file of one device';

async function openDevice(settings: DeviceSettings, logger: Logger): Promise<Device> {
  const { deviceId, secret, systemId, cloudUrl, mqttUrl, dataFolder, zone, topicPrefix } = settings;
  const modelsFolder = join(dataFolder, 'models');
  await mkdir(modelsFolder, { recursive: true });
  const clocks = systemClocks(settings.clockOffsetMs);
  return createDevice({
    ...{ systemId, deviceId, secret, cloudUrl, zone, modelsFolder, clocks, logger },
    modelOrigins: [new URL(cloudUrl).origin],
    keys: new Map(settings.trustedKeys.map(({ kid, publicKey }) => [kid, publicKey as JWK])),
    store: openDeviceStore(join(dataFolder, 'device.sqlite')),
    link: createMqttDeviceClient({
      url: mqttUrl,
      ...{ deviceId, secret, systemId },
      logger: logger.child({ part: 'link' }),
      prefix: topicPrefix,
    }),
    loadModel: createModelLoader(),
    readings:
      settings.readings.kind === 'simulated'
        ? simulatedSource({ ...settings.readings, zone, clock: clocks.site })
        : undefined,
  });
}

async function main([, , path]: readonly string[]): Promise<void> {
  if (path === undefined || path === '--help') throw new BadSetting('SETTINGS.json', USAGE);
  const settings = await readDeviceSettings(path);
  const logger = pino({
    level: process.env['LIFO4_LOG_LEVEL'] ?? 'info',
    base: { deviceId: settings.deviceId },
  });
  const device = await openDevice(settings, logger);
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  for (const event of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.once(event, () => stop());
  // A parent that died while this process was loading is not announced again.
  if (process.connected === false) stop();
  await device.start();
  await stopped;
  await device.close();
  // The channel to a parent would keep this process alive.
  if (process.connected) process.disconnect();
}

try {
  await main(process.argv);
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 2;
}
