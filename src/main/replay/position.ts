import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Type from 'typebox';
import { Check } from 'typebox/value';
import { saveJson } from '../quick-start/world.ts';

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

/** Remembered before the clock is set: what has happened by then never lies after it. */
export const savePosition = (dataDir: string, at: number): Promise<void> =>
  saveJson(join(dataDir, FILE), { at });
