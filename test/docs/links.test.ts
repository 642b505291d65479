import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { anchorsOf, documents, type Link, linksOf, ROOT } from './markdown.ts';

const all = documents();
const anchors = new Map(all.map(({ path, text }) => [path, anchorsOf(text)]));

/** What is wrong with a link; null where it leads somewhere. */
function brokenBy({ from, target }: Link): string | null {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : join(from, '..', decodeURIComponent(file));
  if (!existsSync(join(ROOT, path))) return `${from}: there is no ${path}`;
  if (anchor === undefined) return null;
  const known = anchors.get(path);
  if (known === undefined) return `${from}: ${path} is no document, so it has no #${anchor}`;
  return known.has(decodeURIComponent(anchor)) ? null : `${from}: ${path} has no heading #${anchor}`;
}

it('every link of the documents to a file or a heading leads there', () => {
  const links = all.flatMap(linksOf);
  expect(links.length).toBeGreaterThan(100);
  expect(links.map(brokenBy).filter((problem) => problem !== null)).toEqual([]);
});

it('every document is linked by another one', () => {
  const linked = new Set(
    all.flatMap(linksOf).map(({ from, target }) => join(from, '..', target.split('#')[0] ?? '')),
  );
  const alone = all.map(({ path }) => path).filter((path) => /^docs\/[^/]+$/.test(path) && !linked.has(path));
  expect(alone).toEqual([]);
});
