import { access, constants, open, readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import { createSiteCalendar } from '../../forecasting/calendar/site-calendar.ts';
import type { SpecialDay } from '../../forecasting/calendar/special-days.ts';
import { CsvError } from '../../forecasting/csv/errors.ts';
import type { LoadCsv } from '../../forecasting/csv/load-csv.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { readCsvFile } from '../../main/csv-file.ts';
import { count } from '../../report/format.ts';
import type { Cli } from '../cli.ts';
import { Refused, UsageError } from '../failure.ts';
import type { Progress } from '../output/progress.ts';
import { readHolidays } from './holidays-file.ts';

/** A site's readings and its place, as the options name them. */
export interface SiteData extends LoadCsv {
  readonly path: string;
  /** First hour with a reading, and the hour after the last, epoch ms. */
  readonly from: number;
  readonly to: number;
}

/** Where a site is, as far as its calendar is concerned. */
export interface Place {
  readonly zone: string;
  readonly ibgeCode: string | null;
  readonly imported: readonly SpecialDay[];
  readonly calendar: Calendar;
}

/** Bytes that are no text but a file of another kind, by how they begin. */
const OTHER_KINDS: readonly (readonly [start: readonly number[], kind: string])[] = [
  [[0x50, 0x4b], 'a spreadsheet or an archive'],
  [[0x1f, 0x8b], 'a compressed file'],
  [[0xff, 0xfe], 'text in UTF-16'],
  [[0xfe, 0xff], 'text in UTF-16'],
];

/** The absolute path of a file that can be read. @throws {UsageError} naming the option */
async function readableFile(option: string, path: string): Promise<string> {
  const absolute = resolve(path);
  const found = await stat(absolute).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
      throw new UsageError(`${option}: there is no file ${absolute}`);
    throw new UsageError(`${option}: ${absolute} cannot be reached (${error.code})`);
  });
  if (found.isDirectory()) throw new UsageError(`${option}: ${absolute} is a folder; name a file in it`);
  await access(absolute, constants.R_OK).catch(() => {
    throw new UsageError(`${option}: ${absolute} may not be read by this user`);
  });
  return absolute;
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(2), 0, 2, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function refuseOtherKind(path: string, first: Uint8Array): void {
  const kind = OTHER_KINDS.find(([start]) => start.every((byte, i) => first[i] === byte))?.[1];
  if (kind === undefined) return;
  throw new Refused('no-csv', `${basename(path)}: this is ${kind}; save it as CSV in UTF-8`);
}

async function readAll(path: string, cli: Cli, progress: Progress): Promise<LoadCsv> {
  try {
    return await readCsvFile(path, {
      signal: cli.signal,
      onProgress: (share) => share < 1 && progress.bar('reading', share, basename(path)),
    });
  } catch (error) {
    if (error instanceof CsvError) throw new Refused(error.code, `${basename(path)}: ${error.message}`);
    throw error;
  }
}

/** Reads a CSV file of readings with progress, its notes told. */
export async function readSiteData(file: string, cli: Cli, progress: Progress): Promise<SiteData> {
  const path = await readableFile('--csv', file);
  refuseOtherKind(path, await firstBytes(path));
  const csv = await readAll(path, cli, progress);
  const from = csv.readings[0]?.hour;
  const last = csv.readings.at(-1)?.hour;
  if (from === undefined || last === undefined)
    throw new Refused('empty', `${basename(path)}: there are no readings`);
  const day = (hour: number): string => new Date(hour).toISOString().slice(0, 10);
  progress.done(`${basename(path)}: ${count(csv.rows)} rows, ${day(from)} to ${day(last)}`);
  for (const note of csv.notes) progress.note(note);
  return { ...csv, path, from, to: last + HOUR_MS };
}

/** The calendar of a place. Throws `UnknownZone`, `UnknownPlace`, {@link UsageError}. */
export async function placeOf(options: {
  readonly zone: string;
  readonly ibge?: string | undefined;
  readonly holidays?: string | undefined;
}): Promise<Place> {
  const { zone, ibge, holidays } = options;
  const imported =
    holidays === undefined ? [] : await readHolidays(await readableFile('--holidays', holidays));
  const place = { zone, ibgeCode: ibge ?? null, imported };
  return { ...place, calendar: createSiteCalendar(place) };
}

/** The bytes of a model file. @throws {UsageError} */
export async function readModelFile(file: string): Promise<Uint8Array> {
  const path = await readableFile('--model', file);
  return readFile(path);
}
