import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { createCrashGuard } from './crash-guard.ts';

let settings: Map<string, string>;
let isFull: boolean;
/** A guard as a process finds it after its start. */
const started = () =>
  createCrashGuard({
    store: {
      setting: (name) => settings.get(name) ?? null,
      saveSetting(name, value) {
        if (isFull) throw new Error('database or disk is full');
        settings.set(name, value);
      },
    },
    logger: pino({ level: 'silent' }),
  });
/** A use that ends with the process. */
const crash = (assignment: number) =>
  void started().run(assignment, () => new Promise<never>(() => undefined));

beforeEach(() => {
  settings = new Map();
  isFull = false;
});

describe('a model that takes the process down', () => {
  it('is not used a fourth time', async () => {
    for (let i = 0; i < 3; i++) crash(7);
    await expect(started().run(7, async () => 'forecast')).rejects.toThrow('ended 3 times in a row');
  });

  it('is forgiven by one use that came to its end, even with an error', async () => {
    crash(7);
    crash(7);
    await expect(started().run(7, () => Promise.reject(new Error('no number')))).rejects.toThrow('no number');
    crash(7);
    crash(7);
    expect(await started().run(7, async () => 'forecast')).toBe('forecast');
  });

  it('does not speak against another model', async () => {
    for (let i = 0; i < 3; i++) crash(7);
    expect(await started().run(8, async () => 'forecast')).toBe('forecast');
  });

  it('is used all the same on a full disk, and that is not held against it', async () => {
    const guard = started();
    for (let i = 0; i < 5; i++) {
      const use = guard.run(7, async () => {
        isFull = true;
        return 'forecast';
      });
      expect(await use).toBe('forecast');
      isFull = false;
      settings.set('model-in-use', '7 9');
    }
    isFull = true;
    expect(await guard.run(7, async () => 'forecast')).toBe('forecast');
  });

  it('is refused by the fourth process, after the kernel had ended three', { timeout: 30_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'crashes-'));
    const program = join(import.meta.dirname, '..', '..', 'test', 'edge', 'process-in-use.ts');
    const run = async () => {
      const child = spawn(process.execPath, [program, join(folder, 'device.sqlite'), '7']);
      const [code, signal] = await once(child, 'exit');
      return { code, signal };
    };
    for (let i = 0; i < 3; i++) expect(await run()).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await run()).toEqual({ code: 3, signal: null });
    rmSync(folder, { recursive: true });
  });
});
