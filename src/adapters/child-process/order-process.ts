import { type ChildProcess, fork } from 'node:child_process';
import { constants, getPriority, setPriority } from 'node:os';
import type { Readable } from 'node:stream';
import { PARENT_PID_VARIABLE, RSS_LIMIT_VARIABLE } from './variables.ts';

export interface OrderProcessOptions {
  /** Module that calls `serveOrder`. */
  readonly entry: URL;
  /** Most memory of the process in MB: of the JavaScript heap and of everything resident. */
  readonly memoryMb: number;
  /** Further environment variables of the process. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

/** A running process with what it wrote. */
export interface OrderProcess {
  readonly child: ChildProcess;
  /** The last lines that the process wrote, for the error message should it die. */
  lastWords(): string;
}

/** Folder in which Node keeps compiled code: a process that finds it there starts in a quarter of the time. */
export const COMPILE_CACHE_VARIABLE = 'NODE_COMPILE_CACHE';

/** What an order needs of the environment; credentials of the node are not among it. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'LANG',
  'TZ',
  'TMPDIR',
  'LD_LIBRARY_PATH',
  'SystemRoot',
  COMPILE_CACHE_VARIABLE,
];

const KEPT_CHARACTERS = 2000;

/** Starts a process at lower priority, before its threads exist, so that all of them inherit it. */
export const startOrderProcess = ({ entry, memoryMb, variables }: OrderProcessOptions): OrderProcess => {
  const child = fork(entry, [], {
    serialization: 'advanced',
    // Several of these share a machine's cores: threads that help one collect garbage cost more than they save.
    execArgv: [`--max-old-space-size=${memoryMb}`, '--single-threaded-gc'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...passedOn(),
      ...variables,
      [PARENT_PID_VARIABLE]: String(process.pid),
      [RSS_LIMIT_VARIABLE]: String(memoryMb * 2 ** 20),
    },
  });
  lowerPriority(child);
  return { child, lastWords: keepTail([child.stdout, child.stderr]) };
};

const passedOn = (): Record<string, string> =>
  Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** Never above the parent's own. A process that could not start has no id, one that died at once no priority. */
const lowerPriority = (child: ChildProcess): void => {
  if (child.pid === undefined) return;
  try {
    setPriority(child.pid, Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error;
  }
};

const keepTail = (streams: readonly (Readable | null)[]): (() => string) => {
  let tail = '';
  for (const stream of streams) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-KEPT_CHARACTERS);
    });
  }
  return () => tail.trim();
};
