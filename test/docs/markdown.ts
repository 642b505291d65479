import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The documents of the project, and what a test wants to know of them. */

export const ROOT = join(import.meta.dirname, '..', '..');

export interface Document {
  /** From the project's root. */
  readonly path: string;
  readonly text: string;
}

const FOLDERS = ['docs', 'deploy', 'web'] as const;

/** Every Markdown file of the project: those at its root, and all below the folders that have some. */
export function documents(): readonly Document[] {
  const below = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  return [...readdirSync(ROOT), ...below]
    .filter((path) => path.endsWith('.md'))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

/** A block of code, also one within a list. */
const FENCE = /^[ ]*```(\w*)\n([\s\S]*?)^[ ]*```$/gm;

const INLINE = /(?<!`)`([^`\n]+)`(?!`)/g;

const withoutBlocks = (text: string): string => text.replaceAll(FENCE, '');

/** Blocks of code. */
export const codeBlocks = (text: string): readonly string[] =>
  [...text.matchAll(FENCE)].map(([, , code = '']) => code);

/** Code within running text. */
export const inlineCode = (text: string): readonly string[] =>
  [...withoutBlocks(text).matchAll(INLINE)].map(([, code = '']) => code);

/** The anchors of a document's headings, as GitHub makes them. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const headings = withoutBlocks(text).matchAll(/^#{1,6} (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) => {
      const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
      const slug = words.replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '').replaceAll(' ', '-');
      const before = seen.get(slug) ?? 0;
      seen.set(slug, before + 1);
      return before === 0 ? slug : `${slug}-${before}`;
    }),
  );
}

export interface Link {
  readonly from: string;
  readonly target: string;
}

/** Links of a document to files and headings of the project; those to other places are left out. */
export function linksOf({ path, text }: Document): readonly Link[] {
  const targets = [
    ...withoutBlocks(text)
      .replaceAll(INLINE, '')
      .matchAll(/\]\(<?([^)\s>]+)>?\)/g),
  ].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => ({ from: path, target }));
}
