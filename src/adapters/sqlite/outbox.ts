import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { DeviceStore, OutboxKind, OutboxMessage } from '../../ports/device-store.ts';

const messageOf = (row: Record<string, SQLOutputValue>): OutboxMessage => ({
  messageId: String(row['message_id']),
  kind: String(row['kind']) as OutboxKind,
  assignment: row['assignment'] === null ? null : Number(row['assignment']),
  payload: row['payload'] as Uint8Array,
});

export type Outbox = Pick<DeviceStore, 'enqueue' | 'unsent' | 'markSent' | 'answerAgain' | 'trimOutbox'>;

/** Messages to be sent. Acks stay when they were sent, so that a repeated assignment gets its answer again. */
export function createOutbox(database: DatabaseSync): Outbox {
  const insert = database.prepare(
    'INSERT INTO outbox (message_id, kind, assignment, payload) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const select = database.prepare(
    'SELECT * FROM outbox WHERE kind = ? AND sent = 0 ORDER BY position LIMIT ?',
  );
  const mark = database.prepare('UPDATE outbox SET sent = 1 WHERE message_id = ?');
  const again = database.prepare(
    `UPDATE outbox SET sent = 0 WHERE position =
       (SELECT max(position) FROM outbox WHERE kind = 'ack' AND assignment = ?)`,
  );
  const dropSent = database.prepare('DELETE FROM outbox WHERE kind = ? AND sent = 1');
  const dropOldest = database.prepare(
    `DELETE FROM outbox WHERE kind = ?1 AND position <=
       (SELECT position FROM outbox WHERE kind = ?1 ORDER BY position DESC LIMIT 1 OFFSET ?2)`,
  );
  return {
    enqueue: ({ messageId, kind, assignment, payload }) => {
      insert.run(messageId, kind, assignment, payload);
    },
    unsent: (kind, limit) => select.all(kind, limit).map(messageOf),
    markSent: (messageId) => {
      mark.run(messageId);
    },
    answerAgain: (assignment) => Number(again.run(assignment).changes) > 0,
    trimOutbox(kind, keep) {
      dropSent.run(kind);
      return Number(dropOldest.run(kind, keep).changes);
    },
  };
}
