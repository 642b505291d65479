import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DEVICE_ENVIRONMENT, DEVICE_NODE_OPTIONS } from '../../../src/main/device-program.ts';
import { checksumOf } from '../../edge/site-under-test.ts';
import type { TorturedCloud } from './tortured-cloud.ts';

/** The device's program in a process of its own, which is killed and started again on the same folder. */
export interface TorturedDevice {
  /** Starts it, unless it runs. */
  start(): void;
  /** Ends it at once, without any warning, and waits until it is gone. */
  kill(): Promise<void>;
  /** Whether a process proves a model. */
  proves(): boolean;
  /** Ends that process, and nothing else. */
  killProof(): void;
  /** Bytes of the journal's log. */
  journalBytes(): number;
  /** Checksum of the file that serves, null when there is none. */
  serving(): string | null;
  /** Seconds from the failure of the latest model to the one before in its place; of a device that was killed. */
  restorationSeconds(): number | null;
  close(): Promise<void>;
}

export interface TorturedDeviceOptions {
  /** The bundled program. */
  readonly program: string;
  /** Called when it was killed, before anybody looks at its folder. */
  readonly onKilled: () => void;
}

function unlessMissing<Found>(look: () => Found): Found | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Processes that were started by this one. */
function childrenOf(pid: number | undefined): readonly number[] {
  const list = unlessMissing(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
  return (list ?? '').split(' ').filter(Boolean).map(Number);
}

const RESTORATION = `
  SELECT (julianday(restored.at) - julianday(failed.at)) * 86400 AS seconds FROM journal restored
  JOIN journal failed ON failed.version = restored.version - 1
  WHERE restored.type = 'PreviousRestored' ORDER BY restored.version DESC LIMIT 1`;

export function createTorturedDevice(
  { deviceFolder, settings }: TorturedCloud,
  { program, onKilled }: TorturedDeviceOptions,
): TorturedDevice {
  // Apart from what power cuts can take.
  const settingsFolder = mkdtempSync(join(tmpdir(), 'tortured-settings-'));
  const settingsFile = join(settingsFolder, 'settings.json');
  writeFileSync(settingsFile, JSON.stringify(settings));
  let child: ChildProcess | null = null;
  const running = (): ChildProcess | null =>
    child !== null && child.exitCode === null && child.signalCode === null ? child : null;

  async function kill(): Promise<void> {
    const device = running();
    if (device !== null) {
      const gone = once(device, 'exit');
      device.kill('SIGKILL');
      await gone;
    }
    onKilled();
  }

  return {
    start() {
      if (running() !== null) return;
      // The channel ends the device with this process, should that be ended itself.
      child = fork(program, [settingsFile], {
        execArgv: [...DEVICE_NODE_OPTIONS],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        env: {
          ...process.env,
          ...DEVICE_ENVIRONMENT,
          LIFO4_LOG_LEVEL: process.env['LIFO4_LOG_LEVEL'] ?? 'silent',
        },
      });
    },
    kill,
    proves: () => childrenOf(running()?.pid).length > 0,
    killProof() {
      for (const proof of childrenOf(running()?.pid)) process.kill(proof, 'SIGKILL');
    },
    journalBytes: () => unlessMissing(() => statSync(join(deviceFolder, 'device.sqlite-wal')).size) ?? 0,
    serving: () =>
      unlessMissing(() => checksumOf(readFileSync(join(deviceFolder, 'models', 'forecast.onnx')))),
    restorationSeconds() {
      // A copy: opening it would be one more program that writes to its folder.
      for (const name of ['device.sqlite', 'device.sqlite-wal'])
        unlessMissing(() => copyFileSync(join(deviceFolder, name), join(settingsFolder, name)));
      const database = new DatabaseSync(join(settingsFolder, 'device.sqlite'));
      try {
        return Number(database.prepare(RESTORATION).get()?.['seconds'] ?? Number.NaN);
      } finally {
        database.close();
      }
    },
    async close() {
      await kill();
      rmSync(settingsFolder, { recursive: true });
    },
  };
}
