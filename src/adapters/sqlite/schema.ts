import type { DatabaseSync } from 'node:sqlite';

/** Tables of the device's store, step by step; a step that has shipped is never changed. */
const STEPS: readonly string[] = [
  `
  CREATE TABLE journal (
    version INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    machine TEXT NOT NULL,
    schema INTEGER NOT NULL,
    at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE effect (
    key TEXT PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES journal (event_id),
    at TEXT NOT NULL,
    effect TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    assignment INTEGER,
    payload BLOB NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX outbox_unsent ON outbox (kind, position) WHERE sent = 0;
  CREATE INDEX outbox_answers ON outbox (assignment) WHERE kind = 'ack';
  CREATE TABLE reading (
    hour INTEGER PRIMARY KEY,
    load_kw REAL,
    battery_kw REAL,
    pv_kw REAL,
    temperature_c REAL,
    max15_kw REAL,
    reported INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX reading_unreported ON reading (hour) WHERE reported = 0;
  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  `,
  `
  CREATE TABLE sample (
    at INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    load_kw REAL,
    battery_kw REAL,
    pv_kw REAL,
    temperature_c REAL,
    PRIMARY KEY (at, minutes)
  ) STRICT, WITHOUT ROWID;
  `,
];

/** Brings the tables to this program's version, each step in its own transaction. */
export function migrate(database: DatabaseSync): void {
  const row = database.prepare('PRAGMA user_version').get();
  const done = Number(row?.['user_version'] ?? 0);
  for (const [offset, step] of STEPS.slice(done).entries())
    database.exec(`BEGIN IMMEDIATE; ${step} PRAGMA user_version = ${done + offset + 1}; COMMIT;`);
}
