import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { worldOf } from './world.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifo4-world-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the world of a data folder', () => {
  it.each([
    ['--zone', { zone: 'Mars/Olympus' }],
    ['--system', { systemId: 'BAD_ID' }],
  ])('is not made with a %s that cannot be used, so that the next start is free', async (setting, wishes) => {
    await expect(worldOf(folder, wishes)).rejects.toMatchObject({ name: 'BadSetting', setting });
    expect(await readdir(folder)).toEqual([]);
    expect(await worldOf(folder, {})).toMatchObject({ systemId: 'bess-456', zone: 'America/Sao_Paulo' });
  });

  it('stays as it was made', async () => {
    const world = await worldOf(folder, { zone: 'America/Manaus' });
    expect(await worldOf(folder, { zone: 'America/Manaus' })).toEqual(world);
    await expect(worldOf(folder, { zone: 'America/Sao_Paulo' })).rejects.toThrow(/--data.*America\/Manaus/);
  });
});
