import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type LoadCsv, readLoadCsv } from '../forecasting/csv/load-csv.ts';

const DEFAULT_ZONE = 'America/Sao_Paulo';

export interface ReadingOptions {
  readonly signal?: AbortSignal;
  /** Share of the file that was read, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

async function* chunksOf(path: string, { signal, onProgress }: ReadingOptions): AsyncGenerator<string> {
  const { size } = await stat(path);
  let read = 0;
  for await (const chunk of createReadStream(path, { encoding: 'utf8', signal })) {
    read += Buffer.byteLength(chunk);
    onProgress?.(Math.min(1, read / Math.max(1, size)));
    yield chunk;
  }
}

/**
 * The hours of a file, read as a stream: memory does not grow with the file.
 * Rejects with `CsvError`, the file system's error, or the signal's reason.
 */
export async function readCsvFile(path: string, options: ReadingOptions = {}): Promise<LoadCsv> {
  try {
    return await readLoadCsv(chunksOf(path, options));
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  }
}

/** The zone that a `zones.csv` beside the file (`series,zone,…`) gives it, or Brazil's capital zone. */
export async function zoneOfCsv(path: string): Promise<string> {
  const series = basename(path, '.csv');
  const zones = await readFile(join(dirname(path), 'zones.csv'), 'utf8').catch(() => '');
  const row = zones.split(/\r?\n/).find((line) => line.startsWith(`${series},`));
  return row?.split(',')[1] ?? DEFAULT_ZONE;
}
