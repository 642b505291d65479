import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createServiceManager, type ServiceManagerOptions } from './service-manager.ts';

/** Node has no datagrams over Unix sockets: Python listens in systemd's place, and prints what comes. */
const LISTENER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("[listening]", flush=True)
while True:
    print(s.recv(65536).decode().replace("\\n", "|"), flush=True)
`;

const has = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

async function listen() {
  const folder = mkdtempSync(join(tmpdir(), 'notify-'));
  const socket = join(folder, 'notify');
  const process = spawn('python3', ['-c', LISTENER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    process.kill();
    await once(process, 'exit');
    rmSync(folder, { recursive: true });
  });
  let heard = '';
  process.stdout.on('data', (chunk: Buffer) => {
    heard += chunk.toString('utf8');
  });
  // What says that a message was taken is none of the service's own.
  const lines = () => heard.split('\n').filter((text) => text !== '' && !text.startsWith('BARRIER'));
  await vi.waitFor(() => expect(lines()).toEqual(['[listening]']), { timeout: 10_000 });
  return { socket, said: () => lines().slice(1) };
}

const soon = { timeout: 10_000, interval: 10 };
const logger = pino({ level: 'silent' });
const manage = (env: ServiceManagerOptions['env'], isHealthy = () => true) =>
  createServiceManager({ env, isHealthy, status: () => '1.2.0 serves', logger });

it('is none where no service manager listens', () => {
  expect(manage({})).toBeNull();
  expect(manage({ NOTIFY_SOCKET: '' })).toBeNull();
});

describe.runIf(has('python3') && has('systemd-notify'))('systemd', () => {
  it('is told of begin and end, and is fed only while the service is well', async () => {
    const { socket, said } = await listen();
    let isWell = true;
    const env = { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '30000' };
    const manager = manage(env, () => isWell);
    manager?.ready();
    await vi.waitFor(() => expect(said().length).toBeGreaterThan(3), soon);
    expect(said()[0]).toBe('READY=1|STATUS=1.2.0 serves');
    expect(said()[1]).toBe('WATCHDOG=1|STATUS=1.2.0 serves');
    isWell = false;
    await manager?.stopping();
    expect(said().at(-1)).toBe('STOPPING=1|STATUS=ends in order');
  });

  it('is not fed for a service that is not well, nor for another process', async () => {
    const { socket, said } = await listen();
    const env = { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '3000' };
    const asked = vi.fn(() => false);
    const sick = manage(env, asked);
    const other = manage({ ...env, WATCHDOG_PID: '1' });
    sick?.ready();
    other?.ready();
    await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThan(5), soon);
    await sick?.stopping();
    await other?.stopping();
    expect(said().filter((text) => text.startsWith('WATCHDOG'))).toEqual([]);
    expect(said()).toHaveLength(4);
  });

  it('goes on where nobody reads', async () => {
    const manager = manage({ ...process.env, NOTIFY_SOCKET: join(tmpdir(), 'no-such-socket') });
    manager?.ready();
    await expect(manager?.stopping()).resolves.toBeUndefined();
  });
});
