import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openLog } from './device-log.ts';
import type { DeviceSettings } from './device-settings.ts';
import { createLogger } from './logging.ts';

let dataFolder: string;
let out: string[];
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'device-log-'));
  out = [];
});
afterEach(() => rmSync(dataFolder, { recursive: true }));

type LogFile = DeviceSettings['logFile'] | undefined;
const logTo = async (logFile: LogFile) =>
  createLogger(
    { level: 'info' },
    await openLog({ logFile, dataFolder }, { write: (line) => out.push(line) }),
  );

const messagesIn = (lines: string) =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).msg);
const read = (...path: readonly string[]) => readFileSync(join(dataFolder, ...path), 'utf8');

describe("a device's log", () => {
  it('goes to standard output unless the settings name a file', async () => {
    (await logTo(undefined)).info('here');
    expect(messagesIn(out.join(''))).toEqual(['here']);
    expect(readdirSync(dataFolder)).toEqual([]);
  });

  it('goes to device.log in the data folder, or where the settings say, and nowhere else', async () => {
    (await logTo({})).info('one');
    (await logTo({ path: 'logs/of this/device.log' })).info('two');
    expect(messagesIn(read('device.log'))).toEqual(['one']);
    expect(messagesIn(read('logs', 'of this', 'device.log'))).toEqual(['two']);
    expect(out).toEqual([]);
  });

  it('keeps to its bounds', async () => {
    const logger = await logTo({ maxMb: 0.01, files: 3 });
    for (let i = 0; i < 1_000; i++) logger.info({ i }, 'what fills a line of the log');
    expect(readdirSync(dataFolder).sort()).toEqual(['device.log', 'device.log.1', 'device.log.2']);
    expect(read('device.log').length).toBeLessThanOrEqual(10_000);
    expect(read('device.log')).toContain('"i":999');
  });

  it('goes on at standard output while the disk is full, says so in both places, and comes back', async () => {
    symlinkSync('/dev/full', join(dataFolder, 'device.log'));
    const logger = await logTo({});
    logger.info('one');
    logger.info('two');
    expect(messagesIn(out.join(''))).toEqual([expect.stringContaining('cannot be written'), 'one', 'two']);
    expect(out[0]).toContain('ENOSPC');
    rmSync(join(dataFolder, 'device.log'));
    logger.info('three');
    expect(messagesIn(read('device.log'))).toEqual([expect.stringContaining('went to'), 'three']);
    expect(read('device.log')).toContain('"lines":2');
    expect(out).toHaveLength(3);
  });

  it('does not end the program where neither its file nor standard output takes a line', async () => {
    symlinkSync('/dev/full', join(dataFolder, 'device.log'));
    const settings = join(dataFolder, 'device.json');
    const { publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
    ]);
    const device = {
      ...{ deviceId: 'dev-1', secret: 'a secret', systemId: 'bess-456', zone: 'America/Sao_Paulo' },
      ...{ cloudUrl: 'http://127.0.0.1:9', mqttUrl: 'mqtt://127.0.0.1:9', topicPrefix: 'lifo4' },
      trustedKeys: [{ kid: 'k1', publicKey: await crypto.subtle.exportKey('jwk', publicKey) }],
      ...{ dataFolder, clockOffsetMs: 0, readings: { kind: 'none' }, logFile: {} },
    };
    writeFileSync(settings, JSON.stringify(device));
    const full = openSync('/dev/full', 'w');
    const args = [join(import.meta.dirname, 'edge.ts'), settings];
    const child = spawn(process.execPath, args, { stdio: ['ignore', full, 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const health = async () => {
      const { url } = JSON.parse(read('local.json'));
      return (await fetch(`${url}/healthz`)).status;
    };
    await vi.waitFor(async () => expect(await health()).toBe(200), { timeout: 12_000, interval: 100 });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  }, 15_000);
});
