import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { DeviceStore } from '../../ports/device-store.ts';
import { createJournal } from './journal.ts';
import { createOutbox } from './outbox.ts';
import { createReadings } from './readings.ts';
import { createSamples } from './samples.ts';
import { migrate } from './schema.ts';

/** The device's store cannot be opened: another process has it, or the file is damaged. */
export class DeviceStoreUnusable extends Error {
  override readonly name = 'DeviceStoreUnusable';
  readonly file: string;
  /** Its bytes are no store any more; a store that is merely in use, or cannot be read now, is not damaged. */
  readonly isDamaged: boolean;

  constructor(file: string, cause: unknown) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    super(
      `the device's store ${file} cannot be opened (${detail}): end the other process that uses it, or, if the file is damaged, move it away to begin a new installation`,
      { cause },
    );
    this.file = file;
    this.isDamaged = DAMAGE.includes(resultCodeOf(cause));
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGE: readonly number[] = [11, 26];

/** Without what an extended code adds. */
const resultCodeOf = (error: unknown): number =>
  error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;

class StoreCorrupt extends Error {
  readonly errcode = 11;
}

/** A bad block of a worn disk shows only where somebody looks; a store of some MB is looked through in an instant. */
function assertWhole(database: DatabaseSync): void {
  const found = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (found !== 'ok') throw new StoreCorrupt(String(found));
}

/** Ours alone as long as the process lives, and synced at every commit where it is to outlive a power cut. */
const pragmas = (durable: boolean): string => `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'};
  PRAGMA foreign_keys = ON;
`;

function openDatabase(file: string, durable: boolean): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true });
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(file);
    database.exec(pragmas(durable));
    assertWhole(database);
    migrate(database);
    return database;
  } catch (error) {
    database?.close();
    throw new DeviceStoreUnusable(file, error);
  }
}

interface DeviceStoreOptions {
  /**
   * Whether a commit is on the disk before it is answered, as a device's must be; so by default. Otherwise a power cut
   * may take the last ones, and tears nothing.
   */
  readonly durable?: boolean;
}

/** Opens or makes the store in a file. Throws {@link DeviceStoreUnusable}. */
export function openDeviceStore(file: string, { durable = true }: DeviceStoreOptions = {}): DeviceStore {
  const database = openDatabase(file, durable);
  const read = database.prepare('SELECT value FROM setting WHERE name = ?');
  const write = database.prepare(
    'INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  const setting = (name: string): string | null => {
    const value = read.get(name)?.['value'];
    return value === undefined ? null : String(value);
  };
  if (setting('installation') === null) write.run('installation', randomUUID());

  const count = (table: string) => database.prepare(`SELECT count(*) AS n FROM ${table}`);
  const unsent = {
    acks: count("outbox WHERE kind = 'ack' AND sent = 0"),
    forecasts: count("outbox WHERE kind = 'forecast' AND sent = 0"),
    readings: count('reading WHERE reported = 0'),
  };
  const waiting = (statement: StatementSync): number => Number(statement.get()?.['n']);
  const outbox = createOutbox(database);
  const readings = createReadings(database);
  const { saveSamples, samples, forgetSamples } = createSamples(database);
  return {
    installationId: setting('installation') ?? '',
    ...createJournal(database, outbox),
    ...outbox,
    ...readings,
    saveSamples,
    samples,
    forgetReadings(before) {
      forgetSamples(before);
      return readings.forgetReadings(before);
    },
    waiting: () => ({
      acks: waiting(unsent.acks),
      forecasts: waiting(unsent.forecasts),
      readings: waiting(unsent.readings),
    }),
    setting,
    saveSetting: (name, value) => {
      write.run(name, value);
    },
    close: () => database.close(),
  };
}

function moveAside(file: string): void {
  for (const part of ['', '-wal', '-shm']) {
    rmSync(`${file}.damaged${part}`, { force: true });
    if (existsSync(`${file}${part}`)) renameSync(`${file}${part}`, `${file}.damaged${part}`);
  }
}

/**
 * Opens the store of a device that nobody is near: a damaged one is moved aside (`.damaged`, in place of an earlier one)
 * and told, and a new installation begins. Throws {@link DeviceStoreUnusable} for every other reason.
 */
export function openOrBeginAnew(
  file: string,
  onDamaged: (problem: string) => void,
  options: DeviceStoreOptions = {},
): DeviceStore {
  try {
    return openDeviceStore(file, options);
  } catch (error) {
    if (!(error instanceof DeviceStoreUnusable) || !error.isDamaged) throw error;
    onDamaged(error.message);
    moveAside(file);
    return openDeviceStore(file, options);
  }
}
