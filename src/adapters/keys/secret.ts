import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const BYTES = 32;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** A random secret of 32 bytes kept in a file, made at the first call and readable by its owner alone. */
export async function loadSecret(path: string): Promise<Uint8Array> {
  const known = await readFile(path).catch(() => null);
  if (known?.length === BYTES) return known;
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, randomBytes(BYTES), { mode: 0o600 });
  // A link never overwrites: when two programs start at once, both end up with the first one's secret.
  await link(temporary, path).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  await unlink(temporary);
  return readFile(path);
}
