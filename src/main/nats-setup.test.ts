import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../test/e2e/world.ts';
import { findNatsServer } from '../../test/services/nats.ts';
import { startSupervised } from '../adapters/embedded/supervised-process.ts';
import { createMqttDeviceClient } from '../adapters/mqtt/device-client.ts';
import { openNatsDeviceAuth } from '../adapters/nats/device-auth.ts';
import { type NatsSetup, setUpNats } from './nats-setup.ts';

const run = promisify(execFile);
const binary = await findNatsServer();
const logger = pino({ level: 'silent' });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifo4-nats-setup-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const setup = (more: Partial<NatsSetup> = {}): NatsSetup => ({
  ...{ folder, serverName: 'test', listen: '127.0.0.1:4222', mqttListen: '127.0.0.1:1883', renew: false },
  ...more,
});

async function settings(environment: string) {
  const lines = (await readFile(environment, 'utf8')).trim().split('\n');
  const { NATS_URL = '', MQTT_URL = '' } = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s)));
  return { NATS_URL, MQTT_URL };
}

describe('the files of a NATS server', () => {
  it('are for their owner alone and keep the password until another one is wanted', async () => {
    const { config, environment } = await setUpNats(setup());
    const first = await settings(environment);
    expect((await stat(config)).mode & 0o777).toBe(0o600);
    expect((await stat(environment)).mode & 0o777).toBe(0o600);
    await setUpNats(setup({ host: 'nats.internal' }));
    const { password } = new URL(first.NATS_URL);
    expect((await settings(environment)).NATS_URL).toBe(`nats://cloud:${password}@nats.internal:4222`);
    await setUpNats(setup({ renew: true }));
    expect(new URL((await settings(environment)).NATS_URL).password).not.toBe(password);
  });

  it('name the option that is no address', async () => {
    await expect(setUpNats(setup({ listen: '4222' }))).rejects.toThrow(/--listen/);
    await expect(setUpNats(setup({ mqttListen: 'host:99999' }))).rejects.toThrow(/--mqtt-listen/);
  });
});

describe.skipIf(binary === null)('a NATS server with these files', () => {
  it('takes changes over without a restart; its devices come back by themselves', async () => {
    const [listen, mqttListen] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
    const files = await setUpNats(setup({ listen, mqttListen }));
    await run(binary ?? '', ['-t', '-c', files.config]);
    const lines: string[] = [];
    const server = await startSupervised({
      ...{ command: binary ?? '', args: ['-c', files.config], stopSignal: 'TERM', env: {} },
      onLine: (line) => lines.push(line),
    });
    onTestFinished(async () => {
      server.stop();
      await server.exited;
    });
    await expect.poll(() => lines.join('\n'), { timeout: 10_000 }).toContain('Server is ready');
    const { NATS_URL: url, MQTT_URL } = await settings(files.environment);
    const credentials = {
      verify: async (deviceId: string) => ({ deviceId, systemId: 'site-a', tenant: 'acme' }),
    };
    const auth = await openNatsDeviceAuth({ url, node: 'test', credentials, logger });
    onTestFinished(() => auth.close());
    const device = createMqttDeviceClient({
      ...{ url: MQTT_URL, deviceId: 'dev-a', secret: 'x', systemId: 'site-a', logger },
      backoff: { firstMs: 20, longestMs: 200 },
    });
    onTestFinished(() => device.close());
    device.start();
    await device.publish('telemetry', Buffer.from('before'));
    const pid = await readFile(files.pidFile, 'utf8');
    await setUpNats(setup({ listen, mqttListen, serverName: 'test' }));
    await run(binary ?? '', ['--signal', `reload=${files.pidFile}`]);
    await expect.poll(() => lines.join('\n'), { timeout: 10_000 }).toContain('Reloaded');
    await device.publish('telemetry', Buffer.from('after'));
    expect(await readFile(files.pidFile, 'utf8')).toBe(pid);
  });
});
