import { once } from 'node:events';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { moduleBeside } from '../adapters/child-process/module-beside.ts';
import { createProcessProver } from '../adapters/child-process/prover.ts';
import { createMqttDeviceClient } from '../adapters/mqtt/device-client.ts';
import { mqttReadingMessages } from '../adapters/mqtt/reading-messages.ts';
import { createModelLoader } from '../adapters/onnxruntime/model-loader.ts';
import { openOrBeginAnew } from '../adapters/sqlite/device-store.ts';
import { createServiceManager } from '../adapters/systemd/service-manager.ts';
import { createDevice, type Device } from '../edge/device.ts';
import type { DeviceOptions, ReadingSource } from '../edge/device-options.ts';
import { nodeFiles } from '../edge/files.ts';
import type { DeviceStatus } from '../edge/status.ts';
import { type Clock, systemClocks } from '../ports/clocks.ts';
import type { CloudLink } from '../ports/cloud-link.ts';
import { openLog, standardOutput } from './device-log.ts';
import { deviceRules } from './device-rules.ts';
import { type DeviceSettings, monthlyBytesOf, readDeviceSettings } from './device-settings.ts';
import { openLocalEndpoint } from './local-endpoint.ts';
import { createLogger } from './logging.ts';
import { readBrokerTls } from './settings/broker-tls.ts';
import { BadSetting } from './settings/read.ts';

const TLS_NAMES = { caFile: '/mqttTls/caFile', certFile: '/mqttTls/certFile', keyFile: '/mqttTls/keyFile' };

/** The simulator brings a library of holidays that costs 30 MB: only a device that simulates loads it. */
async function sourceOf(
  { readings, deviceId, zone }: DeviceSettings,
  clock: Clock,
  logger: Logger,
): Promise<ReadingSource | undefined> {
  switch (readings.kind) {
    case 'simulated': {
      const { simulatedSource } = await import('./simulated-source.ts');
      return simulatedSource({ ...readings, zone, clock });
    }
    case 'mqtt': {
      const { kind: _, ...broker } = readings;
      const clientId = `lifo4-${deviceId}`;
      return mqttReadingMessages({ ...broker, clientId, logger: logger.child({ part: 'readings' }) });
    }
    case 'none':
      return undefined;
  }
}

/** How a device stands in time, and what stands between it and its cloud. */
export interface DeviceSurroundings extends Pick<DeviceOptions, 'clocks' | 'steady' | 'sitePace'> {
  readonly wrapLink?: (link: CloudLink) => CloudLink;
  /** Whether every commit of its store is on the disk before it is answered; so by default. */
  readonly durable?: boolean;
}

/** Opens a device with its store, its link and its runtime; nothing runs yet. Throws {@link BadSetting}. */
export async function openDevice(
  settings: DeviceSettings,
  { wrapLink = (link) => link, durable = true, ...time }: DeviceSurroundings,
  logger: Logger,
): Promise<Device> {
  const { deviceId, secret, systemId, cloudUrl, mqttUrl, dataFolder, zone, topicPrefix } = settings;
  const modelsFolder = join(dataFolder, 'models');
  await nodeFiles.makeFolder(modelsFolder).catch((error: Error) => {
    throw new BadSetting('/dataFolder', `${error.message}; name a folder that this user may write`);
  });
  const tellDamage = (problem: string): void =>
    logger.error({ problem }, 'the device’s store is damaged: it is moved aside, a new installation begins');
  return createDevice({
    ...{ ...deviceRules(settings), ...time, cloudUrl, zone, modelsFolder, logger },
    store: openOrBeginAnew(join(dataFolder, 'device.sqlite'), tellDamage, { durable }),
    link: wrapLink(
      createMqttDeviceClient({
        url: mqttUrl,
        tls: readBrokerTls(settings.mqttTls ?? {}, TLS_NAMES),
        ...{ deviceId, secret, systemId },
        logger: logger.child({ part: 'link' }),
        prefix: topicPrefix,
      }),
    ),
    bytesPerSecond: (settings.downloadKbPerSecond ?? 0) * 1_000 || null,
    monthlyBytes: monthlyBytesOf(settings),
    loadModel: createModelLoader(),
    prover: createProcessProver({
      entry: moduleBeside('proof-process', import.meta.url),
      logger: logger.child({ part: 'proof' }),
    }),
    forecastFile: join(dataFolder, 'forecast.json'),
    readings: await sourceOf(settings, time.clocks.site, logger),
  });
}

/** One line for `systemctl status`. */
const statusLine = ({ connected, report, forecast }: DeviceStatus): string =>
  [
    `model ${report.running?.version ?? 'none'}`,
    `forecast ${forecast?.issuedAt ?? 'none'}`,
    connected ? 'connected' : 'no connection',
  ].join(', ');

/** Runs the device of a settings file until the signal aborts; its log goes where the settings say. */
export async function runDevice(settingsFile: string, logLevel: string, signal: AbortSignal): Promise<void> {
  const settings = await readDeviceSettings(settingsFile);
  const { deviceId, secret, readings } = settings;
  const secrets = [secret, readings.kind === 'mqtt' ? readings.password : null];
  const destination = await openLog(settings, standardOutput());
  const logger = createLogger({ level: logLevel, base: { deviceId }, secrets }, destination);
  if (settings.trustRoot === undefined)
    logger.warn('no trustRoot in the settings: models are trusted by the key of their assignment alone');
  const clocks = systemClocks(settings.clockOffsetMs);
  const device = await openDevice(settings, { clocks }, logger);
  await device.start();
  const local = await openLocalEndpoint(settings, device, logger);
  const manager = createServiceManager({
    ...{ env: process.env, isHealthy: device.isWell, logger },
    status: () => statusLine(device.status()),
  });
  manager?.ready();
  if (!signal.aborted) await once(signal, 'abort');
  await manager?.stopping();
  await local?.close();
  await device.close();
}
