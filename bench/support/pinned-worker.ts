import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** `lifo4-ml worker` in a process of its own that may use one core. */
export interface PinnedWorker {
  close(): Promise<void>;
}

/** Starts a worker on `core`, one job and one model at a time, and resolves when it takes jobs. Linux only. */
export async function startPinnedWorker(
  core: number,
  env: Readonly<Record<string, string>>,
): Promise<PinnedWorker> {
  const child = spawn('/usr/bin/taskset', ['--cpu-list', String(core), process.execPath, PROGRAM, 'worker'], {
    env: { ...process.env, ...env, LIFO4_TRAININGS: '1', LIFO4_MODELS_AT_ONCE: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const ready = (async () => {
    for await (const chunk of child.stdout) if (String(chunk).includes('takes jobs')) return;
  })();
  await Promise.race([
    ready,
    exited.then(([code]) => {
      throw new Error(`the worker ended with ${code} before it took jobs`);
    }),
  ]);
  return {
    async close() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
