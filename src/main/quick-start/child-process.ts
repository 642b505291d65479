import { type ChildProcess, fork } from 'node:child_process';
import { openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

export interface KeptProcess {
  close(): Promise<void>;
}

export interface KeepProcessOptions {
  /** What it is, for the log. */
  readonly name: string;
  readonly entry: URL;
  readonly args?: readonly string[];
  /** Beside this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Takes what it prints. */
  readonly logFile: string;
  readonly logger: Logger;
}

const FIRST_RESTART_MS = 1_000;
const LONGEST_RESTART_MS = 30_000;
const PATIENCE_MS = 10_000;

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

/** Runs a part beside the cloud as a process of its own, which ends with this one and is started again when it dies. */
export function keepProcess({ name, entry, args, env, logFile, logger }: KeepProcessOptions): KeptProcess {
  const stop = new AbortController();
  let child: ChildProcess | null = null;

  async function keepRunning(): Promise<void> {
    let pause = FIRST_RESTART_MS;
    while (!stop.signal.aborted) {
      const output = openSync(logFile, 'a');
      child = fork(entry, args ?? [], {
        stdio: ['ignore', output, output, 'ipc'],
        env: { ...process.env, ...env },
        // Ctrl-C reaches the terminal's whole group; this process alone decides in which order parts end.
        detached: true,
      });
      await ended(child);
      if (stop.signal.aborted) return;
      const how = { code: child.exitCode, signal: child.signalCode };
      logger.error({ ...how, pause, logFile }, `the ${name} ended, starting it again`);
      await sleep(pause, undefined, { signal: stop.signal }).catch(() => undefined);
      pause = Math.min(LONGEST_RESTART_MS, pause * 2);
    }
  }

  const running = keepRunning();
  return {
    async close() {
      stop.abort();
      child?.kill('SIGTERM');
      const patience = setTimeout(() => child?.kill('SIGKILL'), PATIENCE_MS);
      await running;
      clearTimeout(patience);
    },
  };
}
