import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SupervisedProcess, startSupervised } from '../../src/adapters/embedded/supervised-process.ts';
import { freePort } from './network.ts';
import { findProgram, neededUnderCi, versionOf } from './programs.ts';

/** A real MinIO server on loopback, for tests. It never outlives them. */

const ADVICE =
  'these tests need minio: put it into the PATH or install it with Go ("go install github.com/minio/minio@latest")';

/** The program, or null where it is not installed, which is an error under CI. */
export async function findMinio(): Promise<string | null> {
  const fits = async (binary: string) => (await versionOf(binary))?.startsWith('minio version') === true;
  return neededUnderCi(await findProgram('minio', fits), ADVICE);
}

export interface MinioService {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
  stop(): Promise<void>;
  /** On the same port, with the same files. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const LOGIN = { accessKey: 'lifo4-test', secretKey: 'lifo4-test-secret' } as const;

const REGION = 'us-east-1';

async function untilReady(endpoint: string): Promise<void> {
  for (;;) {
    const ready = await fetch(`${endpoint}/minio/health/cluster`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    await sleep(50);
  }
}

export async function startMinio(binary: string): Promise<MinioService> {
  const folder = await mkdtemp(join(tmpdir(), 'lifo4-minio-'));
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const lines: string[] = [];
  let server: SupervisedProcess | null = null;

  const start = async (): Promise<void> => {
    const started = await startSupervised({
      command: binary,
      args: ['server', folder, '--address', new URL(endpoint).host, '--quiet', '--json'],
      stopSignal: 'TERM',
      env: {
        HOME: folder,
        MINIO_ROOT_USER: LOGIN.accessKey,
        MINIO_ROOT_PASSWORD: LOGIN.secretKey,
        MINIO_SITE_REGION: REGION,
        MINIO_BROWSER: 'off',
        MINIO_UPDATE: 'off',
      },
      onLine: (line) => lines.push(line),
    });
    server = started;
    await Promise.race([
      untilReady(endpoint),
      started.exited.then((exit) => Promise.reject(new Error(`minio ended (${exit}): ${lines.join('\n')}`))),
    ]);
  };
  const stop = async (): Promise<void> => {
    server?.stop();
    await server?.exited;
    server = null;
  };
  await start();
  return {
    endpoint,
    ...LOGIN,
    region: REGION,
    start,
    stop,
    close: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
