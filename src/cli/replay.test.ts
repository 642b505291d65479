import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { csvOf, plant } from './fixtures/program.ts';
import { runProgram } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'lifo4-ml-replay-'));
const data = join(folder, 'data');
const csv = join(folder, 'plant.csv');
writeFileSync(csv, csvOf(plant(90)));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function up(...args: string[]): Promise<{ code: number; err: string }> {
  let err = '';
  const silent = { write: () => undefined };
  const stderr = {
    write: (text: string) => {
      err += text;
    },
  };
  const cli = { stdout: silent, stderr, env: {}, signal: new AbortController().signal };
  const code = await runProgram(['up', '--data', data, ...args], cli);
  return { code, err };
}

describe('a replay that cannot be', () => {
  it.each([
    [['--speed', 'fast'], /--speed: write a number from 1 on, or max/],
    [['--days', '5'], /--days: is about a replay; add --speed/],
    [['--inject', 'level:2026-01-01:2'], /--inject: is about a replay/],
    [['--speed', 'max', '--report', join(folder, 'none', 'r.html')], /--report: .*none cannot be written/],
    [['--speed', 'max', '--days', '0'], /whole number from 1 to/],
    [['--speed', 'max', '--from', '2026-02-30'], /--from: 2026-02-30 is no date/],
    [
      ['--speed', 'max', '--csv', csv, '--from', '2020-01-01'],
      /--from: 2020-01-01 leaves fewer than 60 days/,
    ],
    [['--speed', 'max', '--csv', csv, '--until', '2040-01-01'], /--until: .* it can be replayed from/],
    [['--speed', 'max', '--csv', csv, '--inject', 'level'], /--inject: "level" is no fault; write level:/],
    [['--speed', 'max', '--csv', join(folder, 'none.csv')], /--csv/],
  ])('is refused in one line: %j', async (args, told) => {
    const { code, err } = await up(...args);
    expect(code).toBe(2);
    expect(err).toMatch(told);
    expect(
      err
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('lifo4-ml: ')),
    ).toHaveLength(1);
  });

  it('leaves nothing in the data folder that the next start would have to go by', () => {
    expect(readdirSync(data).filter((name) => name !== 'lifo4-ml.log')).toEqual([]);
  });
});
