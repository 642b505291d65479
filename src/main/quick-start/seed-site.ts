import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../../cloud/control-plane.ts';
import { NotFound } from '../../cloud/refusals.ts';
import type { SiteSettings } from '../../events/site.ts';
import type { HourReading } from '../../forecasting/cleaning/readings.ts';
import type { Cloud } from '../cloud.ts';
import type { DeviceSettings } from '../device-settings.ts';
import type { Screen } from '../terminal/screen.ts';
import { csvReadings, simulatedReadings, storeReadings } from './readings.ts';
import { saveJson, saveWorld, type World } from './world.ts';

/** Who acts when the program is started for the first time. */
export const QUICK_START: Caller = { actor: 'quick-start', tenant: 'local' };

const settingsOf = (zone: string): SiteSettings => ({
  zone,
  ibgeCode: null,
  tariff: null,
  ratedKw: null,
  contract: null,
  target: null,
});

async function isRegistered({ control }: Cloud, systemId: string): Promise<boolean> {
  try {
    await control.getSite(QUICK_START, systemId);
    return true;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}

/** Registers the world's site unless it is. */
export async function ensureSite(cloud: Cloud, { systemId, zone }: World, screen: Screen): Promise<void> {
  if (await isRegistered(cloud, systemId)) {
    screen.done(`site ${screen.colors.bold(systemId)} resumes from the log`);
    return;
  }
  await cloud.control.putSite(QUICK_START, systemId, settingsOf(zone));
  screen.done(`site ${screen.colors.bold(systemId)} registered (${zone})`);
}

/** Stores the world's measured hours, unless an earlier start has stored them all. */
export async function ensureReadings(
  cloud: Cloud,
  world: World,
  dataDir: string,
  screen: Screen,
): Promise<void> {
  if (world.loaded) return;
  const { csv } = world;
  const readings = csv === null ? simulatedReadings(world, cloud.clocks.site.now()) : await csvReadings(csv);
  await ensureStored(cloud, world, readings, { dataDir, screen });
}

/** Stores these hours of the world's site, unless an earlier start has stored them all. */
export async function ensureStored(
  cloud: Cloud,
  world: World,
  readings: readonly HourReading[],
  { dataDir, screen }: { readonly dataDir: string; readonly screen: Screen },
): Promise<void> {
  if (world.loaded) return;
  const { systemId, csv } = world;
  await storeReadings(cloud.cloud.telemetry, systemId, readings, (share) =>
    screen.progress('storing the load', `${Math.round(share * 100)} %`),
  );
  await saveWorld(dataDir, { ...world, loaded: true });
  const days = Math.round(readings.length / 24);
  screen.done(
    `${readings.length} hours of load (${days} days) ${csv === null ? 'simulated' : `from ${csv}`}`,
  );
}

const ROOT_PATIENCE_MS = 30_000;
const LOOK_MS = 50;

/** The root that the signer's first start publishes. */
async function publishedRoot({ postgres }: Cloud): Promise<NonNullable<DeviceSettings['trustRoot']>> {
  const deadline = performance.now() + ROOT_PATIENCE_MS;
  while (performance.now() < deadline) {
    const root = await postgres.trust.latest('root');
    if (root !== null) return JSON.parse(root.body);
    await sleep(LOOK_MS);
  }
  throw new Error('no root of trust was published: see signer.log in the data folder');
}

/** The device's settings file, made with its device at the first start. */
export async function ensureDevice(
  cloud: Cloud,
  world: World,
  dataDir: string,
  topicPrefix: string,
): Promise<string> {
  const { systemId, zone, csv, seed, clockOffsetMs } = world;
  const folder = join(dataDir, 'devices', systemId);
  const file = join(folder, 'device.json');
  await mkdir(folder, { recursive: true });
  const known: Pick<DeviceSettings, 'deviceId' | 'secret' | 'trustRoot'> = await access(file).then(
    async () => JSON.parse(await readFile(file, 'utf8')),
    () => cloud.control.addDevice(QUICK_START, systemId),
  );
  const settings: DeviceSettings = {
    deviceId: known.deviceId,
    secret: known.secret,
    systemId,
    zone,
    cloudUrl: cloud.url,
    mqttUrl: cloud.mqttUrl,
    topicPrefix,
    // What a device's trust began with stays: with another root it would begin anew.
    trustRoot: known.trustRoot ?? (await publishedRoot(cloud)),
    trustedKeys: [{ kid: cloud.deviceKey.kid, publicKey: cloud.deviceKey.publicKey }],
    dataFolder: join(folder, 'data'),
    clockOffsetMs,
    readings: csv === null ? { kind: 'simulated', seed } : { kind: 'none' },
  };
  await saveJson(file, settings);
  return file;
}
