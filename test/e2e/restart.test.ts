import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { freePort } from './world.ts';

const PROGRAM = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const PATIENCE = { timeout: 120_000, interval: 100 } as const;

const folders: string[] = [];
const children: ChildProcess[] = [];

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

interface Start {
  readonly child: ChildProcess;
  output(): string;
}

function start(folder: string, port: number): Start {
  const child = spawn(process.execPath, [PROGRAM, 'up', '--data', folder, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let text = '';
  const add = (chunk: Buffer) => {
    text += chunk.toString();
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return { child, output: () => text };
}

const says = ({ output }: Start, text: string) =>
  vi.waitFor(() => expect(output()).toContain(text), PATIENCE);

async function kill({ child }: Start): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** The token that the program prints for its person. */
const tokenIn = ({ output }: Start): string => /TOKEN=(\S+)/.exec(output())?.[1] ?? '';

describe('npm start', () => {
  it('killed with -9 while it trains, ends the job once, with one deployment', {
    timeout: 300_000,
  }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lifo4-restart-'));
    folders.push(folder);
    const port = await freePort();
    for (const moment of ['registered', 'job training']) {
      const first = start(folder, port);
      await says(first, moment);
      await kill(first);
    }
    const last = start(folder, port);
    await says(last, 'Ctrl-C ends everything');
    const read = async (path: string) => {
      const headers = { authorization: `Bearer ${tokenIn(last)}` };
      const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, { headers });
      const { items } = (await response.json()) as { readonly items: readonly Record<string, unknown>[] };
      return items;
    };
    expect(await read('/ml/training-jobs')).toMatchObject([{ status: 'acked' }]);
    expect(await read('/ml/deployments')).toMatchObject([{ status: 'active' }]);
    const exited = once(last.child, 'exit');
    last.child.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
  });
});
