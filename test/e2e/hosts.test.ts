import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createProcessTrainer } from '../../src/adapters/child-process/trainer.ts';
import { loadJob, requestOf } from '../../src/cloud/streams.ts';
import { checksumOf } from '../../src/ports/artifact-store.ts';
import { createWorld, type E2eWorld } from './world.ts';

/** Models of one job fitted by worker processes of their own, as on hosts of their own. */

const PROGRAM = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const PATIENCE = { timeout: 120_000, interval: 30 };
const TIMEOUT = { timeout: 300_000 };

interface Part {
  readonly key: string;
  readonly worker: string | null;
  readonly attempts: number;
  readonly done: boolean;
  readonly learnt: boolean;
}

let world: E2eWorld;
const workers = new Map<number, ChildProcess>();

async function addWorker(): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, 'worker', '--data', world.folder], {
    env: {
      ...process.env,
      ...{ DATABASE_URL: world.config.database.url ?? '', LIFO4_LOG_LEVEL: 'error' },
      ...{ LIFO4_SPREAD_MODELS: 'always', LIFO4_MODELS_AT_ONCE: '1' },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.pid === undefined) throw new Error('the worker did not start');
  workers.set(child.pid, child);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await vi.waitFor(() => expect(said).toContain('takes jobs'), PATIENCE);
}

/** The fits of a job, as the queue and the table of outcomes have them. */
async function partsOf(job: string): Promise<readonly Part[]> {
  const { rows } = await world.cloud.postgres.pool.query<Part>(
    `select e.key, e.worker, e.attempts, e.done_at is not null as done, f.checksum is not null as learnt
     from lifo4.effect e left join lifo4.fitted_model f on f.effect_key = e.key
     where e.stream_id = $1 and e.type = 'fit-model' order by e.key`,
    [`training-job-${job}`],
  );
  return rows;
}

const pidOf = (worker: string | null): number => Number(worker?.split('-').at(-1));

/** The worker that has the job itself. */
async function trainerOf(job: string): Promise<number> {
  const { rows } = await world.cloud.postgres.pool.query<{ worker: string | null }>(
    "select worker from lifo4.effect where stream_id = $1 and type = 'train-models'",
    [`training-job-${job}`],
  );
  return pidOf(rows[0]?.worker ?? null);
}

describe('a job that several workers share', () => {
  beforeAll(async () => {
    world = await createWorld({ env: { LIFO4_TRAININGS: '0' } });
    for (let i = 0; i < 3; i += 1) await addWorker();
  }, 120_000);
  afterAll(async () => {
    await Promise.all(
      [...workers.values()].map(async (child) => {
        const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
        child.kill('SIGKILL');
        await exited;
      }),
    );
    await world.close();
  });

  it('gives the same files as one that trains all models itself', TIMEOUT, async () => {
    await world.addSite('bess-456');
    const job = await world.retrain('bess-456', { trainingWindowDays: 30 });
    await world.jobReaches(job, 'kept');
    const parts = await partsOf(job);
    expect(parts).toHaveLength(4);
    expect(parts.every(({ done, learnt }) => done && learnt)).toBe(true);
    expect(new Set(parts.map(({ worker }) => worker)).size).toBeGreaterThan(1);

    const loaded = await loadJob(world.cloud.cloud.actors, job);
    const { dataSet, evaluation } = loaded.stage.context;
    if (dataSet === null || evaluation === null) throw new Error('the job has no data or no model');
    const { systemId, modelType, members, seed } = requestOf(loaded);
    const trainer = createProcessTrainer({
      entry: new URL('../../src/main/training-process.ts', import.meta.url),
      logger: pino({ level: 'error' }),
    });
    const place = { zone: 'America/Sao_Paulo', ibgeCode: null, imported: [], eventFlags: [] };
    const alone = await trainer.train(
      {
        ...{ systemId, modelType, members, seed, ...place, champion: null },
        ...{ version: evaluation.version, warmupHours: dataSet.warmupHours },
        dataSet: await world.cloud.cloud.artifacts.get(dataSet.checksum),
      },
      () => undefined,
      new AbortController().signal,
    );
    expect(evaluation.modelArtifacts?.map(({ artifact }) => artifact.checksum)).toEqual(
      alone.modelArtifacts.map(({ artifact }) => checksumOf(artifact)),
    );
    expect(evaluation.members.map(({ model, outcome }) => [model, outcome])).toEqual(
      alone.members.map(({ model, outcome }) => [model, outcome]),
    );
  });

  it('loses to a killed worker only what that one had begun', TIMEOUT, async () => {
    await world.addSite('bess-457', 8);
    const job = await world.retrain('bess-457', { trainingWindowDays: 30 });
    const before = await vi.waitFor(async () => {
      const parts = await partsOf(job);
      expect(parts.some(({ learnt }) => learnt)).toBe(true);
      expect(parts.some(({ done }) => !done)).toBe(true);
      return parts;
    }, PATIENCE);
    const killed = await trainerOf(job);
    workers.get(killed)?.kill('SIGKILL');
    await world.jobReaches(job, 'kept');
    expect(await trainerOf(job)).not.toBe(killed);
    const after = new Map((await partsOf(job)).map((part) => [part.key, part]));
    for (const { key, learnt } of before) if (learnt) expect(after.get(key)?.attempts).toBe(1);
    for (const part of after.values()) expect(part).toMatchObject({ done: true, learnt: true });
    const states = await world.statesOf(job);
    expect(states.filter((type) => type === 'ModelEvaluated')).toHaveLength(1);
  });
});
