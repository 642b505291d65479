import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSupervised } from '../../src/adapters/embedded/supervised-process.ts';
import { natsServerConfig } from '../../src/adapters/nats/server-config.ts';
import type { BenchContext } from '../bench.ts';
import { freePort } from '../support/status-servers.ts';

export interface BenchNats {
  /** With the cloud's login. */
  readonly url: string;
  readonly mqttUrl: string;
  /** Memory of the server at this moment, in MiB. */
  memoryMb(): Promise<number>;
  close(): Promise<void>;
}

interface Varz {
  readonly version: string;
  readonly mem: number;
}

async function find(): Promise<string> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(homedir(), 'go', 'bin')];
  for (const folder of folders) {
    const binary = join(folder, 'nats-server');
    const isThere = access(binary, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (await isThere) return binary;
  }
  throw new Error(
    'there is no nats-server: put it into the PATH ("go install github.com/nats-io/nats-server/v2@latest")',
  );
}

async function untilHealthy(url: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/healthz`).catch(() => null);
    if (answer?.ok === true) return;
    await sleep(50);
  }
}

/** A server as production configures it, on loopback, with a store of its own; it ends with the bench. */
export async function startBenchNats(context: BenchContext): Promise<BenchNats> {
  const folder = await mkdtemp(join(tmpdir(), 'lifo4-ml-bench-nats-'));
  const [port, mqttPort, monitorPort] = [await freePort(), await freePort(), await freePort()];
  const login = { user: 'cloud', password: 'a-password-of-the-bench-alone' };
  const file = join(folder, 'nats-server.conf');
  const config = natsServerConfig({
    serverName: 'bench',
    listen: `127.0.0.1:${port}`,
    mqttListen: `127.0.0.1:${mqttPort}`,
    monitorListen: `127.0.0.1:${monitorPort}`,
    storeFolder: join(folder, 'store'),
    login,
  });
  await writeFile(file, config);
  const lines: string[] = [];
  const server = await startSupervised({
    command: await find(),
    args: ['-c', file],
    stopSignal: 'TERM',
    env: {},
    onLine: (line) => lines.push(line),
  });
  const monitor = `http://127.0.0.1:${monitorPort}`;
  const varz = async (): Promise<Varz> => (await (await fetch(`${monitor}/varz`)).json()) as Varz;
  await Promise.race([
    untilHealthy(monitor),
    server.exited.then((exit) =>
      Promise.reject(new Error(`nats-server ended (${exit}): ${lines.join('\n')}`)),
    ),
  ]);
  context.version('nats-server', (await varz()).version);
  return {
    url: `nats://${login.user}:${login.password}@127.0.0.1:${port}`,
    mqttUrl: `mqtt://127.0.0.1:${mqttPort}`,
    memoryMb: async () => (await varz()).mem / 2 ** 20,
    close: async () => {
      server.stop();
      await server.exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
