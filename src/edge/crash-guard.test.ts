import { beforeEach, describe, expect, it } from 'vitest';
import { createCrashGuard } from './crash-guard.ts';

let settings: Map<string, string>;
/** A guard as a process finds it after its start. */
const started = () =>
  createCrashGuard({
    setting: (name) => settings.get(name) ?? null,
    saveSetting: (name, value) => void settings.set(name, value),
  });
/** A use that ends with the process. */
const crash = (assignment: number) =>
  void started().run(assignment, () => new Promise<never>(() => undefined));

beforeEach(() => {
  settings = new Map();
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
});
