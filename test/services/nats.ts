import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { type SupervisedProcess, startSupervised } from '../../src/adapters/embedded/supervised-process.ts';
import { type NatsDeviceAuth, openNatsDeviceAuth } from '../../src/adapters/nats/device-auth.ts';
import { natsServerConfig, type ServerTls } from '../../src/adapters/nats/server-config.ts';
import type { DeviceIdentity } from '../../src/ports/device-credentials.ts';
import { freePort, untilListening } from './network.ts';
import { findProgram, PROGRAM_CACHE } from './programs.ts';

/** A real nats-server with JetStream and MQTT on loopback, for tests. It never outlives them. */

const run = promisify(execFile);

const MODULE = 'github.com/nats-io/nats-server/v2@v2.15.2';

/** Whether it runs and is new enough; older ones lack what the device link needs. */
async function works(binary: string): Promise<boolean> {
  return run(binary, ['--version']).then(
    ({ stdout }) => /v(2\.(1[2-9]|[2-9]\d)|[3-9])\./.test(stdout),
    () => false,
  );
}

async function installWithGo(): Promise<string | null> {
  await mkdir(PROGRAM_CACHE, { recursive: true });
  await run('go', ['install', MODULE], { env: { ...process.env, GOBIN: PROGRAM_CACHE } }).catch(
    () => undefined,
  );
  const binary = join(PROGRAM_CACHE, 'nats-server');
  return (await works(binary)) ? binary : null;
}

let found: Promise<string | null> | undefined;

/** The program, installed with Go when it is missing; null when there is neither, which is an error under CI. */
export async function findNatsServer(): Promise<string | null> {
  found ??= findProgram('nats-server', works).then((binary) => binary ?? installWithGo());
  const binary = await found;
  if (binary === null && process.env['CI'] === 'true') {
    throw new Error(
      `these tests need nats-server: put it into the PATH or install Go ("go install ${MODULE}")`,
    );
  }
  return binary;
}

export interface NatsSettings {
  /** Sites whose devices may log in as `device-of-{site}` with `secret of {site}`; without it a cloud must answer. */
  readonly sites?: readonly string[];
  /** What its configuration leaves out; without JetStream there is no MQTT either. */
  readonly lacks?: 'jetstream' | 'mqtt' | 'callout';
  readonly tls?: ServerTls;
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

const CLOUD = { username: 'cloud', password: 'cloud-secret-of-the-tests' } as const;

interface Ports {
  readonly client: number;
  readonly mqtt: number;
}

/** What production runs, or a server that lacks what it needs. */
function configuration({ lacks, tls }: NatsSettings, ports: Ports, store: string): string {
  const listen = `127.0.0.1:${ports.client}`;
  const { username: user, password } = CLOUD;
  if (lacks === undefined) {
    const mqttListen = `127.0.0.1:${ports.mqtt}`;
    const login = { user, password };
    return natsServerConfig({ serverName: 'lifo4-test', listen, mqttListen, storeFolder: store, login, tls });
  }
  const users = [user, `${user}-auth`].map((name) => `{ user: ${name}, password: ${password} }`);
  const jetstream = lacks === 'jetstream' ? '' : `jetstream { store_dir: "${store}" }`;
  const mqtt = lacks === 'callout' ? `mqtt { listen: "127.0.0.1:${ports.mqtt}" }` : '';
  const authorization = `authorization { users: [ ${users.join(', ')} ] }`;
  return ['server_name: "lifo4-test"', `listen: "${listen}"`, jetstream, mqtt, authorization].join('\n');
}

/** Answers the server's questions as a cloud would whose records hold these sites' devices. */
async function answerFor(sites: readonly string[], url: string): Promise<NatsDeviceAuth> {
  const verify = async (deviceId: string, secret: string): Promise<DeviceIdentity | null> => {
    const systemId = sites.find((site) => deviceId === `device-of-${site}` && secret === `secret of ${site}`);
    return systemId === undefined ? null : { deviceId, systemId, tenant: 'acme' };
  };
  const logger = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
  return openNatsDeviceAuth({ url, node: 'test', credentials: { verify }, logger, reconnectMs: 50 });
}

export async function startNats(binary: string, settings: NatsSettings = {}): Promise<NatsService> {
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
    const listens = settings.lacks === undefined || settings.lacks === 'callout';
    const open = listens ? [ports.client, ports.mqtt] : [ports.client];
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
  const [scheme, mqttScheme] = settings.tls === undefined ? ['nats', 'mqtt'] : ['tls', 'mqtts'];
  const url = `${scheme}://${CLOUD.username}:${CLOUD.password}@127.0.0.1:${ports.client}`;
  const auth = settings.sites === undefined ? null : await answerFor(settings.sites, url);
  return {
    url,
    mqttUrl: `${mqttScheme}://127.0.0.1:${ports.mqtt}`,
    cloud: CLOUD,
    start,
    stop,
    clearStore: () => rm(store, { recursive: true, force: true }),
    close: async () => {
      await auth?.close();
      await stop();
      await access(folder).then(
        () => rm(folder, { recursive: true, force: true }),
        () => undefined,
      );
    },
  };
}
