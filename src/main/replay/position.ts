import { renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Type from 'typebox';
import { Check } from 'typebox/value';

/** How far a replay is: it resumes here, with what the log and the device know. */

const Position = Type.Object({ at: Type.Integer() });
const FILE = 'replay.json';

/** Where the site clock stood, epoch ms; null before the first step, or where the file was lost. */
export async function loadPosition(dataDir: string): Promise<number | null> {
  try {
    const value: unknown = JSON.parse(await readFile(join(dataDir, FILE), 'utf8'));
    return Check(Position, value) ? value.at : null;
  } catch {
    return null;
  }
}

/**
 * Remembered before the clock is set, so that what has happened never lies after it. At once: thousands of steps a
 * minute would wait for their turn among other work.
 */
export function savePosition(dataDir: string, at: number): void {
  const path = join(dataDir, FILE);
  writeFileSync(`${path}.new`, `${JSON.stringify({ at })}\n`);
  renameSync(`${path}.new`, path);
}
