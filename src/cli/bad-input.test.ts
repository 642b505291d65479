import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type CsvRow, csvOf, lifo4, plant, START, stamp } from './fixtures/program.ts';
import { runProgram } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'lifo4-ml-bad-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rows = plant(40);
const good = join(folder, 'good.csv');
writeFileSync(good, csvOf(rows));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const changed = (at: number, row: CsvRow, write: string): string =>
  csvOf(rows, (r) => (r === rows[at] ? write : `${stamp(r.hour)},${r.loadKw.toFixed(1)}`)).replace(
    'ROW',
    stamp(row.hour),
  );
const finer = (minutes: number, days: number): CsvRow[] =>
  Array.from({ length: (days * 1440) / minutes }, (_, i) => ({
    hour: START + i * minutes * 60_000,
    loadKw: 300 + 50 * Math.sin(i / 50),
  }));

/** The program in this process: what it says and its exit code. */
async function run(...args: string[]) {
  let [out, err] = ['', ''];
  const code = await runProgram(args, {
    stdout: {
      write: (text) => {
        out += text;
      },
    },
    stderr: {
      write: (text) => {
        err += text;
      },
    },
    env: {},
    signal: new AbortController().signal,
  });
  const [told = ''] = err.split('\n').filter((line) => line.startsWith('lifo4-ml: '));
  return { code, out, err, told };
}

const target = join(folder, 'out', 'site');
const train = (...args: string[]) => run('train', '--out', target, ...args);

describe('a file of readings that cannot be used', () => {
  const first = rows[10] as CsvRow;
  it.each<[string, string | Uint8Array, RegExp]>([
    ['other columns', 'time,power\n1,2\n', /row 1: "time" is no column known here/],
    ['no rows', 'timestamp_utc,load_kw\n', /no rows below its header/],
    ['nothing', '', /file is empty/],
    ['a spreadsheet', Uint8Array.of(0x50, 0x4b, 3, 4), /a spreadsheet or an archive; save it as CSV/],
    [
      'mixed zones',
      changed(10, first, `${stamp(first.hour).slice(0, 19)}-03:00,300`),
      /row 12, .* is not in UTC; write it as/,
    ],
    [
      'local times',
      csvOf(rows, ({ hour }) => `${stamp(hour).slice(0, 19)},300`),
      /row 2, .* has no time zone/,
    ],
    [
      'a repeated hour',
      changed(11, first, 'ROW,999'),
      /row 13, .*comes twice with different values\. Local time/,
    ],
    ['rows out of order', csvOf(rows.toReversed()), /row 3, .*comes after/],
    [
      'no number',
      changed(5, first, `${stamp((rows[5] as CsvRow).hour)},NaN`),
      /row 7, column load_kw: "NaN" is no number/,
    ],
    [
      'a load beyond any plant',
      changed(5, first, `${stamp((rows[5] as CsvRow).hour)},1e30`),
      /row 7, column load_kw: "1e30" is beyond/,
    ],
    ['an odd cadence', csvOf(finer(7, 31)), /7 minutes apart/],
    ['a constant load', csvOf(rows, ({ hour }) => `${stamp(hour)},250`), /hardly ever changes/],
    ['29 days', csvOf(plant(29)), /cover 29\.0 days .* at least 30/],
    ['a line without end', `timestamp_utc,load_kw\n${'x'.repeat(100_000)}`, /row 2: .*longer than/],
  ])('%s: says what and where, and writes nothing', async (name, content, message) => {
    const { code, told, err } = await train('--csv', file(`${name.replaceAll(' ', '-')}.csv`, content));
    expect(told).toMatch(message);
    expect(code).toBe(1);
    expect(err).not.toMatch(/\n\s+at /);
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });

  it('is told to programs as JSON', async () => {
    const { code, out } = await train('--json', '--csv', file('empty.csv', ''));
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({
      error: { code: 'empty', message: expect.stringContaining('empty.csv') },
    });
  });
});

describe('a wrong option', () => {
  it.each<[string, string[], RegExp]>([
    ['zone', ['--csv', good, '--zone', 'Mars'], /Unknown time zone "Mars"/],
    [
      'place of holidays',
      ['--csv', good, '--ibge', '9999999'],
      /No municipality has the IBGE code "9999999"/,
    ],
    [
      'window',
      ['--csv', good, '--window', '29'],
      /--window: 29 days cannot be trained on; ask for 30 to 1095/,
    ],
    ['window twice', ['--csv', good, '--window', '40', '--from', '2026-01-05'], /give one of them/],
    ['day', ['--csv', good, '--from', '2026-02-30'], /"2026-02-30" is no time/],
    ['site id', ['--csv', good, '--system', 'Plant 7'], /--system: write up to 63/],
    ['no file', ['--csv', join(folder, 'nosuch.csv')], /--csv: there is no file/],
    ['a folder as file', ['--csv', folder], /is a folder; name a file in it/],
    ['reference model', ['--csv', good, '--model', 'arima'], /Allowed choices are ensemble/],
    ['nothing at all', [], /required option '--csv <file>'/],
    ['holidays', ['--csv', good, '--holidays', join(folder, 'nosuch.csv')], /--holidays: there is no file/],
  ])('%s: exit code 2', async (_, args, message) => {
    const { code, told } = await train(...args);
    expect(told).toMatch(message);
    expect(code).toBe(2);
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });

  it('names the row of a holiday that cannot be read', async () => {
    const holidays = file(
      'days.csv',
      'date,name,kind\n2026-02-03,Padroeira,municipal\n2026-13-01,Ponte,bridge\n',
    );
    const { code, told } = await train('--csv', good, '--holidays', holidays);
    expect(told).toMatch(/days\.csv, row 3: "2026-13-01" is no date/);
    expect(code).toBe(1);
  });
});

describe('a folder for output', () => {
  it('that holds files of others is left alone', async () => {
    const others = join(folder, 'others');
    mkdirSync(others);
    writeFileSync(join(others, 'thesis.txt'), 'mine');
    const { code, told } = await run('train', '--csv', good, '--out', others);
    expect(told).toMatch(/holds files that this program did not write; .*--force/);
    expect(code).toBe(2);
    expect(readdirSync(others)).toEqual(['thesis.txt']);
  });

  it.each([
    ['is a file', good],
    ['lies below a file', join(good, 'deeper')],
  ])('that %s is refused before any work', async (_, path) => {
    const { code, told, err } = await run('train', '--csv', good, '--out', path);
    expect(told).toMatch(/--out: .*(is a file|a part of the path is a file)/);
    expect(code).toBe(2);
    expect(err).not.toContain('reading');
  });
});

describe('finer readings', () => {
  it.each([5, 15])('%i minutes apart are averaged and told', async (minutes) => {
    const path = file(`every-${minutes}.csv`, csvOf(finer(minutes, 29)));
    const { told, err } = await train('--csv', path);
    expect(err).toContain(`Rows ${minutes} min apart were averaged to hours`);
    expect(told).toMatch(/at least 30/);
  });
});

describe('the program as a process', () => {
  it('ends with the code, one line and no trace of the program’s inside', async () => {
    const ended = await lifo4(['train', '--csv', 'nosuch.csv'], { folder });
    expect(ended).toEqual({
      code: 2,
      out: '',
      err: `lifo4-ml: --csv: there is no file ${join(folder, 'nosuch.csv')}\n`,
    });
  });

  it('reads a large file as a stream', async () => {
    const lines = Array.from(
      { length: 300_000 },
      (_, i) => `${stamp(START + i * 60_000)},${(300 + (i % 1440) / 10).toFixed(1)}`,
    );
    const path = file('large.csv', `timestamp_utc,load_kw\n${lines.join('\n')}\n${stamp(START)},1\n`);
    const { code, err } = await lifo4(['train', '--csv', path], { folder });
    expect(err).toMatch(/large\.csv: row 300002, column timestamp_utc: .* comes after/);
    expect(code).toBe(1);
  });

  it.each(['train', 'evaluate', 'predict'])(
    '%s explains itself, with examples and exit codes',
    async (command) => {
      const { code, out } = await run(command, '--help');
      expect(code).toBe(0);
      expect(out).toContain(`$ lifo4-ml ${command} --csv`);
      expect(out).toContain('Exit codes: 0 done');
    },
  );
});
