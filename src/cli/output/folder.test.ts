import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openOutputFolder, RESULT_FILE, RESULT_KIND } from './folder.ts';

const root = mkdtempSync(join(tmpdir(), 'lifo4-ml-folder-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const path = join(root, 'site');

async function run(...models: string[]): Promise<void> {
  const names = models.map((model) => join('models', `${model}.onnx`));
  const folder = await openOutputFolder(path, false);
  for (const name of names) await folder.write(name, models.join('+'));
  const files = names.map((name) => join(path, name));
  await folder.write(RESULT_FILE, JSON.stringify({ kind: RESULT_KIND, files }));
  await folder.commit();
}

it('leaves no model of an earlier run beside the new ones, and what others put there alone', async () => {
  await run('linear', 'lstm');
  writeFileSync(join(path, 'models', 'mine.onnx'), 'mine');
  await run('lstm', 'ensemble');
  expect(readdirSync(join(path, 'models')).sort()).toEqual(['ensemble.onnx', 'lstm.onnx', 'mine.onnx']);
  expect(readFileSync(join(path, 'models', 'lstm.onnx'), 'utf8')).toBe('lstm+ensemble');
});

it('touches no file outside the folder, whatever an earlier result names', async () => {
  const other = join(root, 'other.onnx');
  writeFileSync(other, 'other');
  writeFileSync(join(path, RESULT_FILE), JSON.stringify({ kind: RESULT_KIND, files: [other, 7] }));
  await run('lstm');
  expect(readFileSync(other, 'utf8')).toBe('other');
});

it('says that another run came first, and keeps what that one wrote', async () => {
  const contested = join(root, 'contested');
  const [first, second] = await Promise.all([
    openOutputFolder(contested, false),
    openOutputFolder(contested, false),
  ]);
  await first.write('forecast.onnx', 'first');
  await second.write('forecast.onnx', 'second');
  await first.commit();
  await expect(second.commit()).rejects.toThrow(/another run wrote into it meanwhile/);
  second.discard();
  expect(readFileSync(join(contested, 'forecast.onnx'), 'utf8')).toBe('first');
  expect(readdirSync(root).filter((name) => name.includes('contested'))).toEqual(['contested']);
});

it('leaves nothing when the program is ended at once, as by a second Ctrl-C', () => {
  const program = `
    import { openOutputFolder } from ${JSON.stringify(new URL('./folder.ts', import.meta.url).href)};
    const folder = await openOutputFolder(${JSON.stringify(join(root, 'ended', 'deep', 'site'))}, false);
    await folder.write('forecast.onnx', 'half');
    process.exit(130);`;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', program]);
  expect(status).toBe(130);
  expect(readdirSync(root)).not.toContain('ended');
});
