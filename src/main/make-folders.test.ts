import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeFolders } from './make-folders.ts';

const root = mkdtempSync(join(tmpdir(), 'lifo4-ml-folders-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('makes all folders that are missing and names the first', async () => {
  const deep = join(root, 'a', 'b', 'c');
  expect(await makeFolders(deep)).toBe(join(root, 'a'));
  expect(existsSync(deep)).toBe(true);
  expect(await makeFolders(deep)).toBeNull();
});

it('ends where none can be made', async () => {
  writeFileSync(join(root, 'file'), '');
  await expect(makeFolders(join(root, 'file', 'x', 'y'))).rejects.toThrow(/ENOTDIR|EEXIST/);
  await expect(makeFolders('/proc/x/y')).rejects.toThrow(/ENOENT|EACCES|EPERM/);
});
