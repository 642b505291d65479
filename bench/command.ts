/**
 * `npm run bench -- NAME [--json FILE] [options]` runs bench/NAME.ts, `npm run torture -- NAME` test/torture/NAME.ts:
 * prints the figures as a table and writes `{bench, machine, versions, figures: {name: {median, min, max, unit}}}` to
 * FILE, with `rows` of details where there are any.
 *
 * A bench is a file `bench/NAME.ts` whose default export is a `Bench` (bench.ts): a summary, its options, and
 * `run(context)`, which reports every figure with all its repetitions by `context.figure(name, unit, values)`. A
 * figure that names a peer is measured beside the peer in the same run, alternating. What several benches share
 * lies in folders below `bench/`.
 */
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { arch, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bench, type BenchContext, type BenchRow, type Figure, summarise } from './bench.ts';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** A folder of benches and the npm script that runs them. */
export interface Suite {
  readonly script: 'bench' | 'torture';
  readonly folder: string;
}

/** Files beside the benches that are none. */
const NO_BENCH = /^(run|bench|command)\.ts$/;

const names = ({ folder }: Suite): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !NO_BENCH.test(file))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();

async function load({ folder }: Suite, name: string): Promise<Bench> {
  const module: { readonly default: Bench } = await import(join(folder, `${name}.ts`));
  return module.default;
}

function describeOptions({ options }: Bench): readonly string[] {
  return Object.entries(options).map(([name, { description, flag, default: value }]) => {
    const form = flag === true ? `--${name}` : `--${name} ${name.toUpperCase()}`;
    return `      ${form.padEnd(26)} ${description}${value === undefined ? '' : ` (default ${value})`}`;
  });
}

async function help(suite: Suite): Promise<void> {
  say(`npm run ${suite.script} -- NAME [--json FILE] [options]\n`);
  for (const name of names(suite)) {
    const bench = await load(suite, name);
    say(`  ${name.padEnd(20)} ${bench.summary}`);
    for (const line of describeOptions(bench)) say(line);
  }
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

function parse(bench: Bench, args: readonly string[]): Values {
  const own = Object.entries(bench.options).map(([name, { flag, default: value }]) => {
    if (flag === true) return [name, { type: 'boolean' }] as const;
    return [name, { type: 'string', ...(value === undefined ? {} : { default: value }) }] as const;
  });
  const options = { ...Object.fromEntries(own), json: { type: 'string' } as const };
  return parseArgs({ args: [...args], options, strict: true }).values as Values;
}

function machine() {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${platform()}/${arch()}`,
  };
}

const shown = (value: number): string =>
  Number.isInteger(value) ? String(value) : value.toPrecision(Math.abs(value) >= 1_000 ? 6 : 4);

function table(figures: Readonly<Record<string, Figure>>): void {
  const width = Math.max(8, ...Object.keys(figures).map((name) => name.length)) + 2;
  const row = (cells: readonly string[]): void =>
    say(cells.map((cell, i) => (i === 0 ? cell.padEnd(width) : cell.padStart(12))).join(''));
  row(['figure', 'median', 'min', 'max', 'unit']);
  for (const [name, { median, min, max, unit }] of Object.entries(figures)) {
    row([name, shown(median), shown(min), shown(max), unit]);
  }
}

async function measure(suite: Suite, name: string, args: readonly string[]): Promise<void> {
  const bench = await load(suite, name);
  const values = parse(bench, args);
  const figures: Record<string, Figure> = {};
  const rows: BenchRow[] = [];
  const versions: Record<string, string> = { node: process.versions.node };
  const option = (key: string): string => String(values[key] ?? '');
  const context: BenchContext = {
    option,
    number: (key) => {
      const number = Number(option(key));
      if (option(key) === '' || !Number.isFinite(number)) {
        throw new RangeError(`--${key} must be a number, not "${option(key)}"`);
      }
      return number;
    },
    figure: (key, unit, repetitions) => {
      try {
        figures[key] = summarise(repetitions, unit);
      } catch (cause) {
        throw new Error(`${key} was not measured`, { cause });
      }
    },
    row: (row) => {
      rows.push(row);
    },
    version: (key, version) => {
      versions[key] = version;
    },
    say,
  };
  await bench.run(context);
  say('');
  table(figures);
  const json = values['json'];
  if (typeof json !== 'string') return;
  const report = { bench: name, machine: machine(), versions, figures, ...(rows.length > 0 ? { rows } : {}) };
  await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  say(`\nwritten to ${json}`);
}

/** Runs what the command line names, or says what there is. */
export async function runCommand(suite: Suite, [name, ...rest]: readonly string[]): Promise<void> {
  if (name === undefined || name.startsWith('-') || rest.includes('--help')) return help(suite);
  if (names(suite).includes(name)) return measure(suite, name, rest);
  process.stderr.write(`there is no "${name}"; there are ${names(suite).join(', ')}\n`);
  process.exitCode = 2;
}
