import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

type Say = (line: string) => void;

const SOURCES = join(import.meta.dirname, '..', 'peers');
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'lifo4-ml');

/** One thread a process, as ours has; nothing written beside the sources. */
const ENVIRONMENT = {
  ...process.env,
  ...{ OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1', NUMBA_NUM_THREADS: '1' },
  ...{ PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' },
};

/** Where PyTorch's builds without CUDA are; the ones on PyPI for Linux bring 3 GB of it. */
const TORCH_CPU = 'https://download.pytorch.org/whl/cpu';

/** Python's side cannot be had here; says what is missing. */
class NoPython extends Error {
  override readonly name = 'NoPython';
}

/** What is to be measured on Python's side. */
export interface PythonTask {
  readonly data: string;
  readonly series: string;
  readonly fold: number;
  readonly windowDays: number;
  /** Names of models, all when empty. */
  readonly models: readonly string[];
  /** Rows are appended to this file. */
  readonly out: string;
}

/** The peers, installed. */
export interface PythonPeers {
  /** `python` and its packages by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Hands every line that it prints to `say`. Rejects with {@link NoPython} when the process fails. */
  run(task: PythonTask, say: Say): Promise<void>;
}

async function interpreter(): Promise<string> {
  const command = process.env['PYTHON'] ?? 'python3';
  const check = 'import sys, venv; sys.exit(sys.version_info < (3, 11))';
  try {
    await promisify(execFile)(command, ['-c', check]);
    return command;
  } catch (cause) {
    throw new NoPython(`${command} is no Python 3.11 or later with venv; set PYTHON to one`, { cause });
  }
}

/** Runs a program to its end; answers null, or the last of what it complained about. */
async function complaint(program: string, args: readonly string[]): Promise<string | null> {
  try {
    await promisify(execFile)(program, args, { env: ENVIRONMENT, maxBuffer: 2 ** 24 });
    return null;
  } catch (error) {
    const { stderr = '', message = '' } = error as { readonly stderr?: string; readonly message?: string };
    return (stderr.trim() || message).split('\n').at(-1) ?? '';
  }
}

const requirementsOf = (file: string): string[] =>
  readFileSync(join(SOURCES, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

async function installTorch(python: string, say: Say): Promise<void> {
  const [torch = 'torch'] = requirementsOf('requirements-torch.txt');
  const install = ['-m', 'pip', 'install', '--quiet', torch];
  say(`installing ${torch} for the processor alone`);
  const processorOnly = [...install, '--retries', '0', '--timeout', '15', '--index-url', TORCH_CPU];
  if ((await complaint(python, processorOnly)) === null) return;
  say(
    `that build cannot be had here; installing ${torch} from PyPI, which brings 3 GB of CUDA that is not used`,
  );
  const failure = await complaint(python, install);
  if (failure !== null) say(`${torch} cannot be had here, the LSTM is left out: ${failure}`);
}

/** Installs what the peers need, each with a line; what cannot be had is said and left out. */
async function install(base: string, folder: string, say: Say): Promise<void> {
  say(`making a Python environment in ${folder}`);
  const failure = await complaint(base, ['-m', 'venv', '--clear', folder]);
  if (failure !== null) throw new NoPython(`no environment in ${folder}: ${failure}`);
  const python = join(folder, 'bin', 'python');
  const constraints = ['--constraint', join(SOURCES, 'requirements.txt')];
  const wanted = requirementsOf('requirements.txt');
  for (const [i, requirement] of wanted.entries()) {
    say(`[${i + 1}/${wanted.length}] installing ${requirement}`);
    const failed = await complaint(python, ['-m', 'pip', 'install', '--quiet', ...constraints, requirement]);
    if (failed !== null) say(`${requirement} cannot be had here, what needs it is left out: ${failed}`);
  }
  await installTorch(python, say);
  await writeFile(join(folder, 'complete'), '');
}

async function versionsOf(python: string): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)(python, ['-m', 'pip', 'list', '--format', 'json']);
  const packages: readonly { readonly name: string; readonly version: string }[] = JSON.parse(stdout);
  const wanted = ['requirements.txt', 'requirements-torch.txt']
    .flatMap(requirementsOf)
    .map((line) => line.split('==')[0] ?? line);
  const found = packages.filter(({ name }) => wanted.includes(name.toLowerCase().replace('_', '-')));
  const { stdout: own } = await promisify(execFile)(python, ['--version']);
  return {
    python: own.trim().replace('Python ', ''),
    ...Object.fromEntries(found.map(({ name, version }) => [name, version])),
  };
}

async function runFold(python: string, task: PythonTask, say: Say): Promise<void> {
  const { data, series, fold, windowDays, models, out } = task;
  const place = ['--data', data, '--series', series, '--fold', String(fold), '--window', String(windowDays)];
  const args = [join(SOURCES, 'run.py'), ...place, '--models', models.join(','), '--out', out];
  const child = spawn(python, args, { stdio: ['ignore', 'pipe', 'pipe'], env: ENVIRONMENT });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-1000);
  });
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) say(line);
  const [code] = await ended;
  if (code !== 0) throw new NoPython(`${series} ${fold}: Python ended with ${code}: ${words.trim()}`);
}

/**
 * Installs the peers under the cache folder, unless they are there.
 * @throws {NoPython} when there is no interpreter
 */
export async function preparePython(say: Say): Promise<PythonPeers> {
  const wanted = ['requirements.txt', 'requirements-torch.txt'].flatMap(requirementsOf).join('\n');
  const folder = join(CACHE, `peers-${createHash('sha256').update(wanted).digest('hex').slice(0, 8)}`);
  if (!existsSync(join(folder, 'complete'))) await install(await interpreter(), folder, say);
  const python = join(folder, 'bin', 'python');
  return {
    versions: await versionsOf(python),
    run: (task, report) => runFold(python, task, report),
  };
}
