import { dirname, resolve } from 'node:path';
import pino, { type DestinationStream } from 'pino';
import { createRotatingFile } from '../adapters/filesystem/rotating-file.ts';
import type { DeviceSettings } from './device-settings.ts';
import { makeFolders } from './make-folders.ts';

/** Where a device's log goes; logging never ends the program, whatever becomes of the disk. */

const MB = 1_000_000;
const [MAX_MB, FILES] = [10, 5];
/** What may wait for a standard output that takes nothing; beyond it, lines are lost. */
const MOST_WAITING = 1_000_000;

/** Standard output, written at once. What it does not take is kept up to a bound, and tried again with the next line. */
export function standardOutput(fd = process.stdout.fd): DestinationStream {
  const out = pino.destination({ dest: fd, sync: true, maxLength: MOST_WAITING });
  // Nobody can be told: this is where it would be said.
  out.on('error', () => undefined);
  return out;
}

const WARN = 40;
const notice = (about: object, msg: string): string =>
  `${JSON.stringify({ level: WARN, time: Date.now(), ...about, msg })}\n`;

interface LogSettings {
  readonly logFile?: DeviceSettings['logFile'] | undefined;
  readonly dataFolder: string;
}

/**
 * A rotating file, by default `device.log` in the data folder. While it cannot be written, lines go to `fallback`; both
 * say so.
 */
export async function openLog(
  { logFile, dataFolder }: LogSettings,
  fallback: DestinationStream,
): Promise<DestinationStream> {
  if (logFile === undefined) return fallback;
  const { maxMb = MAX_MB, files = FILES, path: name = 'device.log' } = logFile;
  const path = resolve(dataFolder, name);
  // What keeps the folder from being made keeps the file from being opened, which is said then.
  await makeFolders(dirname(path)).catch(() => undefined);
  const file = createRotatingFile({ path, files, maxBytes: maxMb * MB });
  let elsewhere = 0;

  function divert(line: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (elsewhere === 0)
      fallback.write(notice({ path, reason }, 'the log file cannot be written: the log goes on here'));
    elsewhere += 1;
    fallback.write(line);
  }

  function write(line: string): void {
    if (elsewhere > 0)
      file.write(
        notice({ lines: elsewhere }, 'lines went to standard output while this could not be written'),
      );
    elsewhere = 0;
    file.write(line);
  }

  return {
    write(line) {
      try {
        write(line);
      } catch (error) {
        divert(line, error);
      }
    },
  };
}
