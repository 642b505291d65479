import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import {
  type DeviceStore,
  type JournalCommit,
  JournalConflict,
  type JournalFact,
  type PendingEffect,
} from '../../ports/device-store.ts';
import type { Outbox } from './outbox.ts';
import { inTransaction } from './transaction.ts';

type Row = Record<string, SQLOutputValue>;

const factOf = (row: Row): JournalFact => ({
  version: Number(row['version']),
  eventId: String(row['event_id']),
  fact: { type: String(row['type']), data: JSON.parse(String(row['data'])) },
  machine: String(row['machine']),
  schema: Number(row['schema']),
  at: String(row['at']),
});

const effectOf = (row: Row): PendingEffect => ({
  key: String(row['key']),
  eventId: String(row['event_id']),
  at: String(row['at']),
  effect: JSON.parse(String(row['effect'])),
  attempts: Number(row['attempts']),
});

export type Journal = Pick<
  DeviceStore,
  'journal' | 'journalVersion' | 'commit' | 'pendingEffects' | 'beginEffect'
>;

/** The journal with its pending effects. */
export function createJournal(database: DatabaseSync, outbox: Outbox): Journal {
  const select = database.prepare('SELECT * FROM journal WHERE version > ? ORDER BY version LIMIT ?');
  const head = database.prepare('SELECT coalesce(max(version), 0) AS version FROM journal');
  const insertFact = database.prepare(
    'INSERT INTO journal (version, event_id, type, data, machine, schema, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const insertEffect = database.prepare('INSERT INTO effect (key, event_id, at, effect) VALUES (?, ?, ?, ?)');
  const removeEffect = database.prepare('DELETE FROM effect WHERE key = ?');
  const selectEffects = database.prepare('SELECT * FROM effect ORDER BY rowid');
  const begin = database.prepare(
    'UPDATE effect SET attempts = attempts + 1 WHERE key = ? RETURNING attempts',
  );

  const version = (): number => Number(head.get()?.['version']);

  function append({ expectedVersion, facts }: JournalCommit): void {
    const found = version();
    if (found !== expectedVersion) throw new JournalConflict(expectedVersion, found);
    for (const { version, eventId, fact, machine, schema, at } of facts)
      insertFact.run(version, eventId, fact.type, JSON.stringify(fact.data), machine, schema, at);
  }

  function follow({ effects, completes, messages = [] }: JournalCommit): void {
    for (const { key, eventId, at, effect } of effects)
      insertEffect.run(key, eventId, at, JSON.stringify(effect));
    if (completes !== undefined) removeEffect.run(completes);
    for (const message of messages) outbox.enqueue(message);
  }

  return {
    journal: (afterVersion = 0, limit = -1) => select.all(afterVersion, limit).map(factOf),
    journalVersion: version,
    pendingEffects: () => selectEffects.all().map(effectOf),
    beginEffect: (key) => Number(begin.get(key)?.['attempts'] ?? 0),
    commit(commit) {
      inTransaction(database, () => {
        append(commit);
        follow(commit);
      });
    },
  };
}
