import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import type { ConsoleAssets } from '../../ports/console-assets.ts';
import { bundleConsole } from './bundle-console.ts';

const folder = fileURLToPath(new URL('../../../web', import.meta.url));

const namedIn = (html: string): readonly string[] =>
  [...html.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map((match) => match[1] ?? '');

type Files = ConsoleAssets['files'];

/** Before the page is drawn, and when it is opened. */
const STATIC = /(?:from|import)"\.\/([\w-]+\.js)"/g;
const DYNAMIC = /import\("\.\/([\w-]+\.js)"\)/g;

const imported = (files: Files, path: string, form: RegExp): readonly string[] =>
  [
    ...Buffer.from(files.get(path)?.body ?? [])
      .toString()
      .matchAll(form),
  ].map(([, part]) => `/ui/assets/${part}`);

/** What is loaded with these scripts, themselves included. */
function reached(files: Files, scripts: readonly string[]): ReadonlySet<string> {
  const found = new Set(scripts);
  for (const script of found) for (const part of imported(files, script, STATIC)) found.add(part);
  return found;
}

const compressedSize = (files: Files, paths: ReadonlySet<string>): number =>
  [...paths].reduce((sum, path) => sum + (files.get(path)?.gzipped.length ?? 0), 0);

it('bundles the console so that every file that is named is served', async () => {
  const { index, files } = await bundleConsole(folder);
  const named = namedIn(Buffer.from(index.body).toString());
  expect(named.filter((path) => path.startsWith('/ui/assets/app-'))).toHaveLength(2);
  for (const path of named) expect([...files.keys()]).toContain(path);
  for (const [path, file] of files) {
    expect(path).toMatch(/^\/ui\/assets\/(app|[a-z-]+)-\w+\.(js|css)$/);
    expect(gunzipSync(file.gzipped).equals(file.body)).toBe(true);
    for (const [, part] of Buffer.from(file.body)
      .toString()
      .matchAll(/"\.\/([a-z-]+-\w+\.js)"/g))
      expect([...files.keys()]).toContain(`/ui/assets/${part}`);
  }
});

it('keeps the first load small, without inline scripts or outside hosts', async () => {
  const { index, files, contentSecurityPolicy } = await bundleConsole(folder);
  const html = Buffer.from(index.body).toString();
  expect(html).not.toMatch(/<script(?![^>]* src=)|<style|style=|https?:/);
  expect(contentSecurityPolicy).not.toMatch(/unsafe|https?:|\*/);
  const first = namedIn(html).filter((path) => path.endsWith('.js'));
  const pages = first.flatMap((path) => imported(files, path, DYNAMIC));
  expect(pages.length).toBeGreaterThan(5);
  for (const page of pages)
    expect(compressedSize(files, reached(files, [...first, page]))).toBeLessThan(80_000);
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
