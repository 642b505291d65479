import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findMinio, type MinioService, startMinio } from '../services/minio.ts';
import { findNatsServer, type NatsService, startNats } from '../services/nats.ts';
import { createWorld, type E2eWorld } from './world.ts';

/** What operators run: NATS, MinIO and PostgreSQL as servers, a cloud node that trains nothing, and two workers. */

const programs = { minio: await findMinio(), nats: await findNatsServer() };
const here = programs.minio !== null && programs.nats !== null;
const PROGRAM = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const TIMEOUT = { timeout: 300_000 };
const PATIENCE = { timeout: 120_000, interval: 50 };
const SITE = 'bess-456';

interface WorkerProcess {
  readonly child: ChildProcess;
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<readonly unknown[]>;
}

async function startWorker(env: Readonly<Record<string, string>>, folder: string): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [PROGRAM, 'worker', '--data', folder], {
    env: { ...process.env, ...env, LIFO4_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const exited = once(child, 'exit');
  await vi.waitFor(() => expect(said).toContain('takes jobs'), PATIENCE);
  return {
    child,
    async kill(signal) {
      child.kill(signal);
      return exited;
    },
  };
}

describe.skipIf(!here)('a cloud with workers beside it', () => {
  let minio: MinioService;
  let nats: NatsService;
  let world: E2eWorld;
  let env: Readonly<Record<string, string>>;
  const workers: WorkerProcess[] = [];

  const addWorker = async (): Promise<WorkerProcess> => {
    const worker = await startWorker(env, join(world.folder, `worker-${workers.length}`));
    workers.push(worker);
    return worker;
  };

  beforeAll(async () => {
    minio = await startMinio(programs.minio ?? '');
    nats = await startNats(programs.nats ?? '');
    const stores = {
      S3_ENDPOINT: minio.endpoint,
      S3_ACCESS_KEY: minio.accessKey,
      S3_SECRET_KEY: minio.secretKey,
    };
    world = await createWorld({
      env: { ...stores, NATS_URL: nats.url, MQTT_URL: nats.mqttUrl, LIFO4_TRAININGS: '0' },
    });
    env = { ...stores, DATABASE_URL: world.config.database.url ?? '' };
  }, 120_000);
  afterAll(async () => {
    await Promise.all(workers.map(({ kill }) => kill('SIGKILL')));
    await world.close();
    await Promise.all([minio.close(), nats.close()]);
  });

  it('trains on a worker, and ships what it trained', TIMEOUT, async () => {
    await world.addSite(SITE);
    await world.startDevice(SITE, await world.addDevice(SITE));
    const job = await world.retrain(SITE);
    await vi.waitFor(async () => {
      const { status } = await world.call('GET', `/ml/training-jobs/${job}`);
      expect(status).toBe('training');
    }, PATIENCE);
    await addWorker();
    await world.jobReaches(job, 'acked');
  });

  it('takes over what a killed worker had begun, once', TIMEOUT, async () => {
    const [first] = workers;
    await world.addSite('bess-457', 8);
    const job = await world.retrain('bess-457');
    await vi.waitFor(async () => {
      const { progress } = await world.call('GET', `/ml/training-jobs/${job}`);
      expect(JSON.stringify(progress)).toContain('share');
    }, PATIENCE);
    await first?.kill('SIGKILL');
    await addWorker();
    await world.jobReaches(job, 'kept');
    const states = await world.statesOf(job);
    expect(states.filter((type) => type === 'ModelEvaluated')).toHaveLength(1);
  });

  it('ends a worker cleanly, whose training another one begins anew', TIMEOUT, async () => {
    const [, second] = workers;
    await addWorker();
    expect(await second?.kill('SIGTERM')).toEqual([0, null]);
  });
});
