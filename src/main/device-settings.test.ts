import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readDeviceSettings } from './device-settings.ts';

const settings = {
  ...{ deviceId: 'dev-1', secret: 'a long secret', systemId: 'my-site', zone: 'America/Sao_Paulo' },
  ...{ cloudUrl: 'http://127.0.0.1:8420', mqttUrl: 'mqtt://127.0.0.1:1883', topicPrefix: 'lifo4' },
  trustedKeys: [{ kid: 'embedded-1', publicKey: { kty: 'EC' } }],
  ...{ dataFolder: '/data', clockOffsetMs: 0, readings: { kind: 'none' } },
};

async function fileOf(over: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lifo4-settings-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'device.json');
  await writeFile(path, JSON.stringify({ ...settings, ...over }));
  return path;
}

it('reads the settings of a device', async () => {
  await expect(readDeviceSettings(await fileOf({}))).resolves.toEqual(settings);
});

it.each([
  ['cloudUrl', { cloudUrl: '127.0.0.1:8420' }],
  ['mqttUrl', { mqttUrl: 'http://127.0.0.1:1883' }],
  ['mqttUrl', { mqttUrl: 'broker' }],
  ['topicPrefix', { topicPrefix: 'a/b' }],
  ['secret', { secret: 7 }],
  ['logFile/path', { logFile: { path: 'device.sqlite' } }],
  ['logFile/files', { logFile: { files: 0 } }],
  ['logFile/maxMb', { logFile: { maxMb: -1 } }],
])('names the file and %s when that cannot be used', async (name, over) => {
  const path = await fileOf(over);
  const refusal: unknown = await readDeviceSettings(path).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ name: 'BadSetting', setting: path });
  expect(String(refusal)).toContain(name);
});
