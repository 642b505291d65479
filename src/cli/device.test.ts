import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ServerUnderTest, startServer } from '../../test/http/server-under-test.ts';
import { readDeviceSettings } from '../main/device-settings.ts';
import { runProgram } from './program.ts';

let server: ServerUnderTest;
let token: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifo4-device-'));
  server = await startServer();
  token = await server.token();
  await server.call('PUT', '/api/v1/systems/plant-7', { token, json: {} });
}, 60_000);
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function run(args: readonly string[], env: Record<string, string> = {}) {
  let [out, err] = ['', ''];
  const code = await runProgram(args, {
    stdout: {
      write: (text) => {
        out += text;
      },
    },
    stderr: {
      write: (text) => {
        err += text;
      },
    },
    env: { LIFO4_URL: server.url, LIFO4_TOKEN: token, ...env },
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

describe('lifo4-ml device', () => {
  it('adds a device, lists it and revokes it', async () => {
    const added = await run(['device', 'add', 'plant-7', '--json']);
    expect(added).toMatchObject({ code: 0, err: '' });
    const { deviceId, secret } = JSON.parse(added.out);
    expect(await server.postgres.credentials.verify(deviceId, secret)).toMatchObject({ systemId: 'plant-7' });
    await vi.waitFor(async () => expect((await run(['device', 'list'])).out).toContain(deviceId), 10_000);
    const revoked = await run(['device', 'revoke', 'plant-7', deviceId, '--reason', 'stolen']);
    expect(revoked).toMatchObject({ code: 0, out: `${deviceId} of plant-7 is revoked\n` });
    const facts = await server.postgres.log.readStream(`device-${deviceId}`);
    expect(facts.at(-1)?.fact).toEqual({ type: 'DeviceRevoked', data: { reason: 'stolen' } });
  });

  it('writes the whole settings of a new device to a file that the program takes, for its user alone', async () => {
    const out = join(folder, 'device.json');
    const added = await run(['device', 'add', 'plant-7', '--out', out, '--mqtt-url', 'mqtts://broker:8883']);
    expect(added).toMatchObject({ code: 0, err: '' });
    expect(added.out).not.toContain('secret');
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    const settings = await readDeviceSettings(out);
    expect(settings).toMatchObject({
      ...{ systemId: 'plant-7', zone: 'America/Sao_Paulo', cloudUrl: 'http://127.0.0.1:8420' },
      ...{ mqttUrl: 'mqtts://broker:8883', topicPrefix: 'lifo4', dataFolder: '/data' },
    });
    const { deviceId, secret } = settings;
    expect(await server.postgres.credentials.verify(deviceId, secret)).toMatchObject({ systemId: 'plant-7' });

    const again = await run(['device', 'add', 'plant-7', '--out', out]);
    expect(again).toMatchObject({ code: 2, out: '' });
    expect(again.err).toMatch(/^lifo4-ml: --out: .+ exists already.*\n$/);
    expect(await server.postgres.credentials.verify(deviceId, secret)).not.toBeNull();
  });

  it('leaves no file behind when no device was added', async () => {
    const out = join(folder, 'nothing.json');
    expect(await run(['device', 'add', 'no-such-site', '--out', out])).toMatchObject({ code: 1, out: '' });
    await expect(stat(out)).rejects.toThrow('ENOENT');
    const unwritable = await run(['device', 'add', 'plant-7', '--out', join(folder, 'no', 'folder.json')]);
    expect(unwritable).toMatchObject({ code: 2, out: '' });
    expect(unwritable.err).toContain('cannot be written');
  });

  it.each([
    ['an unknown site', ['device', 'add', 'no-such-site'], {}, 1, /no-such-site/],
    ['a token that is none', ['device', 'list'], { LIFO4_TOKEN: 'x' }, 1, /token/],
    ['no token', ['device', 'list'], { LIFO4_TOKEN: '' }, 2, /--token/],
    ['a service that is not there', ['device', 'list'], { LIFO4_URL: 'http://127.0.0.1:9' }, 2, /--url/],
    ['no address', ['device', 'list', '--url', 'nowhere'], {}, 2, /--url/],
    ['no site', ['device', 'add'], {}, 2, /system/],
  ])('tells of %s in one line', async (_name, args, env, code, message) => {
    const ended = await run(args, env);
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toMatch(/^lifo4-ml: .+\n$/);
    expect(ended.err).toMatch(message);
  });
});
