import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/**
 * A server that never outlives the program that started it, not even when that program is killed with -9.
 *
 * A small shell stands between the two. It watches a pipe that only the program holds open: the system closes
 * it however the program ends, and the shell then signals the server. The server in turn is signalled when the
 * shell dies (`setpriv --pdeathsig`, where there is one). Both run in a session of their own, so that Ctrl-C in
 * a terminal reaches the program alone, which then ends things in order.
 *
 * A server that has just been started ignores the signal until it has a handler for it (a shell's background work is
 * begun with SIGINT ignored), so that it is sent until the server is gone.
 */

const WATCH = `
signal=$1; shift
exec 3<&0
"$@" 3<&- </dev/null &
server=$!
( read -r _ <&3; while kill -s "$signal" "$server" 2>/dev/null; do sleep 0.2 3<&- >/dev/null 2>&1; done ) &
watcher=$!
exec 3<&-
wait "$server"; code=$?
kill -KILL "$watcher" 2>/dev/null
exit "$code"
`;

export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

export interface SupervisedOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Ends the server in order, and is sent when the program is gone. */
  readonly stopSignal: 'INT' | 'TERM';
  /** Only root can give another user. */
  readonly runAs?: RunAs | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** Each line the server writes to its standard output or error. */
  readonly onLine: (line: string) => void;
}

export interface SupervisedProcess {
  /** Exit code, 128 + n after signal n, or the error that kept it from starting. */
  readonly exited: Promise<number | Error>;
  /** The same at this moment, null while the server runs. */
  exit(): number | Error | null;
  /** Sends the stop signal; returns at once. */
  stop(): void;
  /** Ends everything at once, for a server that does not stop. */
  kill(): void;
}

const run = promisify(execFile);

/** Words that make the server hear of the shell's death; none where `setpriv` cannot do it. */
async function deathSignal(signal: string): Promise<readonly string[]> {
  const words = ['setpriv', '--pdeathsig', signal, '--'];
  return run('setpriv', [...words.slice(1), 'true']).then(
    () => words,
    () => [],
  );
}

function listen(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', onLine);
  }
}

export async function startSupervised(options: SupervisedOptions): Promise<SupervisedProcess> {
  const prefix = await deathSignal(options.stopSignal);
  const child = spawn(
    '/bin/sh',
    ['-c', WATCH, 'supervisor', options.stopSignal, ...prefix, options.command, ...options.args],
    {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', ...options.env },
      ...options.runAs,
    },
  );
  listen(child, options.onLine);
  child.stdin?.on('error', () => options.onLine('the supervisor is gone'));
  let exit: number | Error | null = null;
  const exited = new Promise<number | Error>((resolve) => {
    const settle = (value: number | Error): void => {
      exit ??= value;
      resolve(exit);
    };
    child.once('error', settle);
    child.once('close', (code) => settle(code ?? 137));
  });
  return {
    exited,
    exit: () => exit,
    stop: () => child.stdin?.end(),
    kill: () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    },
  };
}
