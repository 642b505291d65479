import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { bundleConsole } from './bundle-console.ts';

const folder = fileURLToPath(new URL('../../../web', import.meta.url));

it('bundles the console so that the index names exactly the files that are served', async () => {
  const { index, files } = await bundleConsole(folder);
  const html = Buffer.from(index.body).toString();
  const named = [...html.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map((match) => match[1]);
  expect(named.toSorted()).toEqual([...files.keys()].toSorted());
  expect(named).toHaveLength(2);
  for (const [path, file] of files) {
    expect(path).toMatch(/^\/ui\/assets\/app-\w+\.(js|css)$/);
    expect(gunzipSync(file.gzipped).equals(file.body)).toBe(true);
  }
});

it('keeps the first load small, without inline scripts or outside hosts', async () => {
  const { index, files, contentSecurityPolicy } = await bundleConsole(folder);
  const html = Buffer.from(index.body).toString();
  expect(html).not.toMatch(/<script(?![^>]* src=)|<style|style=|https?:/);
  expect(contentSecurityPolicy).not.toMatch(/unsafe|https?:|\*/);
  const scripts = [...files].filter(([path]) => path.endsWith('.js'));
  expect(scripts.reduce((sum, [, { gzipped }]) => sum + gzipped.length, 0)).toBeLessThan(80_000);
});

it('gives the same names for the same sources', async () => {
  const [first, second] = [await bundleConsole(folder), await bundleConsole(folder)];
  expect([...first.files.keys()]).toEqual([...second.files.keys()]);
  expect(first.index.etag).toBe(second.index.etag);
});

it('says what is broken in a source', async () => {
  const broken = await mkdtemp(join(tmpdir(), 'console-'));
  onTestFinished(() => rm(broken, { recursive: true }));
  await writeFile(join(broken, 'app.tsx'), 'const = 1;');
  await writeFile(join(broken, 'app.css'), '');
  await expect(bundleConsole(broken)).rejects.toThrow('app.tsx:1:6');
});
