import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { csvReadings } from './readings.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'lifo4-csv-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

it.each([
  ['an empty file', ''],
  ['a table of something else', 'name,age\nana,7\n'],
  ['a row that is no reading', 'timestamp_utc,load_kw\nyesterday,1\n'],
])('names --csv and the file for %s', async (_name, text) => {
  const file = join(await folder(), 'load.csv');
  await writeFile(file, text);
  await expect(csvReadings(file)).rejects.toThrow(`--csv: ${file}: `);
});

it('names --csv for a folder', async () => {
  const path = await folder();
  await expect(csvReadings(path)).rejects.toMatchObject({ name: 'BadSetting', setting: '--csv' });
});
