import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SupervisedProcess, startSupervised } from '../../src/adapters/embedded/supervised-process.ts';
import { freePort } from './network.ts';
import { findProgram, versionOf } from './programs.ts';

/**
 * A real InfluxDB 2, for tests: the one that INFLUX_URL, INFLUX_TOKEN, INFLUX_ORG and INFLUX_BUCKET name, or a
 * server of the tests' own on loopback that never outlives them.
 */

const ADVICE =
  'these tests need InfluxDB 2: put influxd into the PATH (".ci/influxd" builds it), or set INFLUX_URL, INFLUX_TOKEN, INFLUX_ORG and INFLUX_BUCKET';

/**
 * The program, `outside` when INFLUX_URL names a server, or null where there is neither. No package carries the
 * program and building it takes a quarter of an hour, so that the tests are then left out, under CI too.
 */
export async function findInflux(): Promise<string | null> {
  if ((process.env['INFLUX_URL'] ?? '') !== '') return 'outside';
  const fits = async (binary: string) => /InfluxDB/.test((await versionOf(binary, 'version')) ?? '');
  return findProgram('influxd', fits);
}

export interface InfluxService {
  readonly login: {
    readonly url: string;
    readonly token: string;
    readonly org: string;
    readonly bucket: string;
  };
  /** Whether it may be stopped and given tokens as a test pleases. */
  readonly own: boolean;
  stop(): Promise<void>;
  /** On the same port, with the same data. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const SETUP = { username: 'lifo4-test', password: 'lifo4-test-secret', org: 'test', bucket: 'telemetry' };
const TOKEN = 'token-of-the-tests';
const nothing = async (): Promise<void> => undefined;

function outside(): InfluxService {
  const [url, token, org, bucket] = ['INFLUX_URL', 'INFLUX_TOKEN', 'INFLUX_ORG', 'INFLUX_BUCKET'].map(
    (name) => process.env[name] ?? '',
  );
  if (!url || !token || !org || !bucket) throw new Error(ADVICE);
  return { login: { url, token, org, bucket }, own: false, start: nothing, stop: nothing, close: nothing };
}

async function untilReady(url: string): Promise<void> {
  for (;;) {
    const ready = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    await sleep(50);
  }
}

async function setUp(url: string): Promise<void> {
  const response = await fetch(`${url}/api/v2/setup`, {
    method: 'POST',
    body: JSON.stringify({ ...SETUP, token: TOKEN }),
  });
  if (!response.ok) throw new Error(`InfluxDB could not be set up: ${await response.text()}`);
}

export async function startInflux(binary: string): Promise<InfluxService> {
  if (binary === 'outside') return outside();
  const folder = await mkdtemp(join(tmpdir(), 'lifo4-influx-'));
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const lines: string[] = [];
  let server: SupervisedProcess | null = null;
  const files = ['bolt', 'sqlite', 'engine'].flatMap((kind) => [`--${kind}-path`, join(folder, kind)]);

  const start = async (): Promise<void> => {
    const started = await startSupervised({
      command: binary,
      args: [...files, '--http-bind-address', address, '--reporting-disabled', '--ui-disabled'],
      stopSignal: 'TERM',
      env: { HOME: folder },
      onLine: (line) => lines.push(line),
    });
    server = started;
    await Promise.race([
      untilReady(url),
      started.exited.then((exit) =>
        Promise.reject(new Error(`influxd ended (${exit}): ${lines.join('\n')}`)),
      ),
    ]);
  };
  const stop = async (): Promise<void> => {
    server?.stop();
    await server?.exited;
    server = null;
  };
  await start();
  await setUp(url);
  return {
    login: { url, token: TOKEN, org: SETUP.org, bucket: SETUP.bucket },
    own: true,
    start,
    stop,
    close: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
