import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
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

  constructor(file: string, cause: unknown) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    super(
      `the device's store ${file} cannot be opened (${detail}): end the other process that uses it, or, if the file is damaged, move it away to begin a new installation`,
      { cause },
    );
    this.file = file;
  }
}

/** Ours alone as long as the process lives, and synced at every commit. */
const PRAGMAS = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;
`;

function openDatabase(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true });
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(file);
    database.exec(PRAGMAS);
    migrate(database);
    return database;
  } catch (error) {
    database?.close();
    throw new DeviceStoreUnusable(file, error);
  }
}

/** Opens or makes the store in a file. Throws {@link DeviceStoreUnusable}. */
export function openDeviceStore(file: string): DeviceStore {
  const database = openDatabase(file);
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
