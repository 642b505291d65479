import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openPostgres, type Postgres } from '../../src/adapters/postgres/open.ts';
import { appendOf, effectOf, newStream } from './facts.ts';
import { quietLogger } from './postgres.ts';

export interface Takeover {
  /** From the kill to the moment when the last effect that the dead worker held was another's. */
  readonly seconds: number;
  readonly lost: number;
  readonly doubled: number;
}

const WORK_MS = 300;

function startWorker(connectionString: string, name: string): ChildProcess {
  const script = join(import.meta.dirname, 'effect-worker.ts');
  return spawn(process.execPath, [script, connectionString, name, String(WORK_MS)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function heldBy(node: Postgres, worker: string): Promise<number> {
  const { rows } = await node.pool.query<{ held: number }>(
    'select count(*)::integer as held from lifo4.effect where worker = $1 and done_at is null',
    [worker],
  );
  return rows[0]?.held ?? 0;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await wait(20);
}

async function count(node: Postgres, streams: readonly string[]) {
  const lengths = await Promise.all(
    streams.map(async (stream) => (await node.log.readStream(stream)).length),
  );
  return {
    lost: lengths.filter((length) => length < 2).length,
    doubled: lengths.filter((length) => length > 2).length,
  };
}

/**
 * Three worker processes share a few hundred effects. One is killed with -9 while it holds some; another is frozen
 * for longer than its lease and then wakes with answers that are no longer its own.
 */
export async function measureTakeover(connectionString: string, effects: number): Promise<Takeover> {
  const node = await openPostgres({ connectionString, logger: quietLogger });
  const names = ['worker-killed', 'worker-frozen', 'worker-steady'].map((name) => `${name}-${Date.now()}`);
  const workers = names.map((name) => startWorker(connectionString, name));
  const [killed, frozen] = workers;
  const [killedName = '', frozenName = ''] = names;
  try {
    const streams = Array.from({ length: effects }, newStream);
    await Promise.all(
      streams.map((stream) =>
        node.log.commit({ appends: [appendOf(stream, 0, [effectOf(`${stream}@1#0`)])] }),
      ),
    );
    await until(async () => (await heldBy(node, killedName)) > 0 && (await heldBy(node, frozenName)) > 0);
    frozen?.kill('SIGSTOP');
    killed?.kill('SIGKILL');
    const start = performance.now();
    await until(async () => (await heldBy(node, killedName)) === 0);
    const seconds = (performance.now() - start) / 1_000;
    await until(async () => (await heldBy(node, frozenName)) === 0);
    frozen?.kill('SIGCONT');
    await until(async () => (await node.effects.counts()).length === 0);
    // Late answers of the frozen worker arrive now, if any does.
    await wait(WORK_MS * 3);
    return { seconds, ...(await count(node, streams)) };
  } finally {
    frozen?.kill('SIGCONT');
    await Promise.all(workers.map(end));
    await node.close();
  }
}
