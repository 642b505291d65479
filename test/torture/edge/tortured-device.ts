import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checksumOf } from '../../edge/site-under-test.ts';
import type { TorturedCloud } from './tortured-cloud.ts';

const PROGRAM = fileURLToPath(new URL('../../../src/main/edge.ts', import.meta.url));

/** The device's program in a process of its own, which is killed and started again on the same folder. */
export interface TorturedDevice {
  /** Starts it, unless it runs. */
  start(): void;
  /** Ends it at once, without any warning, and waits until it is gone. */
  kill(): Promise<void>;
  /** Checksum of the file that serves, null when there is none. */
  serving(): string | null;
}

export function createTorturedDevice({ deviceFolder, settings }: TorturedCloud): TorturedDevice {
  const settingsFile = join(deviceFolder, 'settings.json');
  writeFileSync(settingsFile, JSON.stringify(settings));
  let child: ChildProcess | null = null;
  return {
    start() {
      if (child !== null && child.exitCode === null && child.signalCode === null) return;
      // The channel ends the device with this process, should that be ended itself.
      child = fork(PROGRAM, [settingsFile], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        env: { ...process.env, LIFO4_LOG_LEVEL: process.env['LIFO4_LOG_LEVEL'] ?? 'silent' },
      });
    },
    async kill() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
    serving() {
      try {
        return checksumOf(readFileSync(join(deviceFolder, 'models', 'forecast.onnx')));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        throw error;
      }
    },
  };
}
