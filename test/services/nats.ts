import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type SupervisedProcess, startSupervised } from '../../src/adapters/embedded/supervised-process.ts';
import { createTopics, DOWNLINKS, UPLINKS } from '../../src/ota/topics.ts';

/** A real nats-server with JetStream and MQTT on loopback, for tests. It never outlives them. */

const run = promisify(execFile);

const MODULE = 'github.com/nats-io/nats-server/v2@v2.15.2';
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'lifo4-ml', 'bin');

/** Whether it runs and is new enough; older ones lack what the device link needs. */
async function works(binary: string): Promise<boolean> {
  return run(binary, ['--version']).then(
    ({ stdout }) => /v(2\.(1[2-9]|[2-9]\d)|[3-9])\./.test(stdout),
    () => false,
  );
}

async function installed(): Promise<string | null> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), CACHE, join(homedir(), 'go', 'bin')];
  for (const folder of folders) {
    const binary = join(folder, 'nats-server');
    if (folder !== '' && (await works(binary))) return binary;
  }
  return null;
}

async function installWithGo(): Promise<string | null> {
  await mkdir(CACHE, { recursive: true });
  await run('go', ['install', MODULE], { env: { ...process.env, GOBIN: CACHE } }).catch(() => undefined);
  const binary = join(CACHE, 'nats-server');
  return (await works(binary)) ? binary : null;
}

let found: Promise<string | null> | undefined;

/** The program, installed with Go when it is missing; null when there is neither, which is an error under CI. */
export async function findNatsServer(): Promise<string | null> {
  found ??= installed().then((binary) => binary ?? installWithGo());
  const binary = await found;
  if (binary === null && process.env['CI'] === 'true') {
    throw new Error(
      `these tests need nats-server: put it into the PATH or install Go ("go install ${MODULE}")`,
    );
  }
  return binary;
}

export interface NatsSettings {
  /** Sites whose devices may log in as `device-of-{site}` with the secret `secret of {site}`. */
  readonly sites: readonly string[];
  readonly jetstream?: boolean;
  readonly mqtt?: boolean;
}

export interface NatsService {
  /** With the cloud's login. */
  readonly url: string;
  readonly mqttUrl: string;
  readonly cloud: { readonly username: string; readonly password: string };
  stop(): Promise<void>;
  /** On the same ports. */
  start(): Promise<void>;
  /** Loses everything the server keeps; while it is stopped. */
  clearStore(): Promise<void>;
  close(): Promise<void>;
}

const CLOUD = { username: 'cloud', password: 'cloud-secret' } as const;

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function untilListening(port: number): Promise<void> {
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await sleep(20);
  }
}

/** The permissions that production gives a device: its own topics as subjects, and nothing of `$MQTT`. */
function deviceUser(site: string): string {
  const topics = createTopics();
  const subjects = (names: readonly string[]) =>
    JSON.stringify(names.map((name) => name.replaceAll('/', '.')));
  const publish = subjects(UPLINKS.map((name) => topics.uplink(name, site)));
  const subscribe = subjects(DOWNLINKS.map((name) => topics.downlink(name, site)));
  return `{ user: "device-of-${site}", password: "secret of ${site}",
    permissions: { publish: { allow: ${publish} }, subscribe: { allow: ${subscribe} } } }`;
}

interface Ports {
  readonly client: number;
  readonly mqtt: number;
}

function configuration(settings: NatsSettings, ports: Ports, store: string): string {
  const { jetstream = true, mqtt = true } = settings;
  return `
server_name: "lifo4-test"
listen: "127.0.0.1:${ports.client}"
max_payload: 1MB
${jetstream ? `jetstream { store_dir: "${store}", max_file_store: 4GB }` : ''}
${mqtt ? `mqtt { listen: "127.0.0.1:${ports.mqtt}" }` : ''}
authorization { users: [
  { user: "${CLOUD.username}", password: "${CLOUD.password}" },
  ${settings.sites.map(deviceUser).join(',\n  ')}
] }
`;
}

export async function startNats(binary: string, settings: NatsSettings): Promise<NatsService> {
  const folder = await mkdtemp(join(tmpdir(), 'lifo4-nats-'));
  const store = join(folder, 'store');
  const ports = { client: await freePort(), mqtt: await freePort() };
  const file = join(folder, 'nats.conf');
  await writeFile(file, configuration(settings, ports, store));
  const lines: string[] = [];
  let server: SupervisedProcess | null = null;
  const start = async (): Promise<void> => {
    const onLine = (line: string) => lines.push(line);
    const started = await startSupervised({
      command: binary,
      args: ['-c', file],
      stopSignal: 'TERM',
      env: {},
      onLine,
    });
    server = started;
    const open = settings.mqtt === false ? [ports.client] : [ports.client, ports.mqtt];
    await Promise.race([
      Promise.all(open.map(untilListening)),
      started.exited.then((exit) =>
        Promise.reject(new Error(`nats-server ended (${exit}): ${lines.join('\n')}`)),
      ),
    ]);
  };
  const stop = async (): Promise<void> => {
    server?.stop();
    await server?.exited;
    server = null;
  };
  await start();
  return {
    url: `nats://${CLOUD.username}:${CLOUD.password}@127.0.0.1:${ports.client}`,
    mqttUrl: `mqtt://127.0.0.1:${ports.mqtt}`,
    cloud: CLOUD,
    start,
    stop,
    clearStore: () => rm(store, { recursive: true, force: true }),
    close: async () => {
      await stop();
      await access(folder).then(
        () => rm(folder, { recursive: true, force: true }),
        () => undefined,
      );
    },
  };
}
