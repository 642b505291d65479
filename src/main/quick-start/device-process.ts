import { type ChildProcess, fork } from 'node:child_process';
import { openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

export interface DeviceProcess {
  close(): Promise<void>;
}

const FIRST_RESTART_MS = 1_000;
const LONGEST_RESTART_MS = 30_000;
const PATIENCE_MS = 10_000;

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

/**
 * Runs a device beside the cloud as a process of its own, which ends with this one. A device that dies is started
 * again after a while; `settings` is its settings file, `logFile` takes what it prints.
 */
export function runDeviceProcess(settings: string, logFile: string, logger: Logger): DeviceProcess {
  const stop = new AbortController();
  let child: ChildProcess | null = null;

  async function keepRunning(): Promise<void> {
    let pause = FIRST_RESTART_MS;
    while (!stop.signal.aborted) {
      const output = openSync(logFile, 'a');
      child = fork(new URL('../edge.ts', import.meta.url), [settings], {
        stdio: ['ignore', output, output, 'ipc'],
      });
      await ended(child);
      if (stop.signal.aborted) return;
      logger.error(
        { code: child.exitCode, signal: child.signalCode, pause, logFile },
        'the device ended, starting it again',
      );
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
