import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRotatingFile } from './rotating-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rotating-'));
  path = join(folder, 'log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const names = () => readdirSync(folder).sort();

describe('a rotating file', () => {
  it('keeps so many files of so many bytes, the newest lines in order, whatever is written', () => {
    const lines = fc.array(fc.string({ maxLength: 30, unit: 'grapheme' }), { maxLength: 60 });
    fc.assert(
      fc.property(
        lines,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 59 }),
        (given, files, cut) => {
          rmSync(folder, { recursive: true });
          mkdirSync(folder);
          const written = given.map((line, i) => `${i} ${line.replaceAll('\n', '')}\n`);
          let file = createRotatingFile({ path, maxBytes: 200, files });
          for (const [i, line] of written.entries()) {
            file.write(line);
            if (i !== cut) continue;
            file.close();
            file = createRotatingFile({ path, maxBytes: 200, files });
          }
          file.close();
          const kept = names().sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
          expect(kept.length).toBeLessThanOrEqual(files);
          expect(kept.every((name) => Buffer.byteLength(read(name)) <= 400)).toBe(true);
          expect(written.join('').endsWith(kept.map(read).join(''))).toBe(true);
          expect(kept.length === 0).toBe(written.length === 0);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('can be read by its user alone', () => {
    createRotatingFile({ path, maxBytes: 100, files: 2 }).write('a line\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('begins on a line of its own where a power cut left half a line', () => {
    appendFileSync(path, 'whole\nhal');
    createRotatingFile({ path, maxBytes: 100, files: 2 }).write('next\n');
    expect(read('log')).toBe('whole\nhal\nnext\n');
  });

  it('goes on where a process died between two renames', () => {
    appendFileSync(path, 'b'.repeat(90));
    appendFileSync(`${path}.2`, 'a\n');
    createRotatingFile({ path, maxBytes: 100, files: 3 }).write('a line that is too long\n');
    expect(names()).toEqual(['log', 'log.1']);
    expect(read('log')).toBe('a line that is too long\n');
  });

  it('says what the system says, and opens the file anew at the next line', async () => {
    await symlink('/dev/full', path);
    const file = createRotatingFile({ path, maxBytes: 100, files: 2 });
    expect(() => file.write('lost\n')).toThrow(/ENOSPC/);
    rmSync(path);
    file.write('kept\n');
    expect(read('log')).toBe('kept\n');
    file.close();
  });

  it('writes no further into a file that cannot be put aside', () => {
    appendFileSync(path, `${'a'.repeat(90)}\n`);
    mkdirSync(join(folder, 'log.1', 'in the way'), { recursive: true });
    const file = createRotatingFile({ path, maxBytes: 100, files: 3 });
    mkdirSync(join(folder, 'log.2', 'in the way'), { recursive: true });
    for (let i = 0; i < 3; i++) expect(() => file.write('a line that is too long\n')).toThrow();
    expect(statSync(path).size).toBe(91);
  });
});
