import type { NewFact } from '../../events/envelope.ts';
import type { RegistryOperation } from '../../events/registry.ts';
import type { Commit, KeyedEffect, StreamAppend } from '../../ports/event-log.ts';

type Value = string | number | null;

/** A prepared statement that writes a whole commit by itself: one round trip, one transaction. */
export interface CommitStatement {
  readonly name: string;
  readonly text: string;
  readonly values: Value[];
}

/** What nearly every commit is: one fact. Plain values cost the server half of what the general call costs. */
const factInsert = (version: string): string =>
  `insert into lifo4.event (stream_id, version, event_id, type, data, metadata)
   values ($1::text, ${version}, $3::text, $4::text, $5::jsonb, $6::jsonb)`;

/** `$2` is the expected version. Without that fact the new version is null, which the table refuses. */
const NEXT = factInsert(
  '(select p.version + 1 from lifo4.event p where p.stream_id = $1::text and p.version = $2::integer)',
);
const FIRST = factInsert('$2::integer + 1');

/**
 * The effect is written after the fact, in the general statement's order: overlapping transactions wait for each
 * other in one direction. Refused by `effect_pkey` when the key is known: `on conflict` would cost every append a
 * third more, for what the general statement can settle.
 */
const withEffect = (insert: string, columns: string, values: string): string =>
  `with work as (
     insert into lifo4.effect (stream_id, key, type, lane, tenant, priority, data${columns})
     values ($1::text, $7::text, $8::text, $9::text, $10::text, $11::integer, $12::jsonb${values}))
   ${insert}`;
const dueNow = (insert: string): string => withEffect(insert, '', '');
const dueLater = (insert: string): string =>
  withEffect(
    insert,
    ', due, clock, visible_at',
    `, $13::jsonb, $14::text, coalesce($15::timestamptz, now() + $16::double precision * interval '1 millisecond')`,
  );

/** A shape of its own for the first fact of a stream, and for an effect that is due at once: both are the quicker. */
const APPEND = {
  first: {
    alone: { name: 'append-first', text: FIRST },
    dueNow: { name: 'append-first-with-effect', text: dueNow(FIRST) },
    dueLater: { name: 'append-first-with-deadline', text: dueLater(FIRST) },
  },
  next: {
    alone: { name: 'append', text: NEXT },
    dueNow: { name: 'append-with-effect', text: dueNow(NEXT) },
    dueLater: { name: 'append-with-deadline', text: dueLater(NEXT) },
  },
};

/** Everything else: several facts or streams, registry keys, the completion of an effect. */
const COMMIT = {
  name: 'commit',
  text: 'select lifo4.commit($1::jsonb, $2::jsonb, $3::jsonb, $4::jsonb)',
};

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Only the first fact of a stream needs a predecessor to be there; the others bring theirs. */
const factRows = ({ streamId, expectedVersion, facts }: StreamAppend) =>
  facts.map(({ eventId, fact, metadata }, index) => ({
    stream: streamId,
    version: expectedVersion + 1 + index,
    ...(index === 0 && expectedVersion !== 0 ? { after: expectedVersion } : {}),
    id: eventId,
    type: fact.type,
    data: fact.data,
    metadata,
  }));

function effectRow(stream: string, { key, effect, tenant, priority }: KeyedEffect) {
  const { type, data, lane, due } = effect;
  const row = { key, stream, type, data, lane, tenant, priority, due: due ?? null };
  if (due === undefined) return { ...row, clock: 'machine', at: null, delay: null };
  if (due.clock === 'site') return { ...row, clock: 'site', at: due.at, delay: null };
  return { ...row, clock: 'machine', at: null, delay: due.afterMs };
}

const json = (value: unknown): string => JSON.stringify(value ?? null);
const rowsOrNull = (rows: readonly unknown[]): string | null => (rows.length === 0 ? null : json(rows));

function oneFact({ streamId, expectedVersion, effects }: StreamAppend, only: NewFact): CommitStatement {
  const { eventId, fact, metadata } = only;
  const shapes = expectedVersion === 0 ? APPEND.first : APPEND.next;
  const values = [streamId, expectedVersion, eventId, fact.type, json(fact.data), json(metadata)];
  const [effect] = effects;
  if (effect === undefined) return { ...shapes.alone, values };
  const { key, type, lane, tenant, priority, data, due, clock, at, delay } = effectRow(streamId, effect);
  const work = [...values, key, type, lane, tenant, priority, json(data)];
  if (due === null) return { ...shapes.dueNow, values: work };
  return { ...shapes.dueLater, values: [...work, json(due), clock, at, delay] };
}

const registrySortKey = ({ kind, key }: RegistryOperation): string => `${kind}\n${key}`;

/**
 * Several commits as one, all or nothing. Rows are in one global order (effect key, stream id, registry key), so
 * that transactions that overlap never deadlock.
 */
export function groupStatement(commits: readonly Commit[]): CommitStatement {
  const appends = commits.flatMap((commit) => commit.appends).sort((a, b) => byText(a.streamId, b.streamId));
  const registry = appends
    .flatMap((append) => append.registry)
    .sort((a, b) => byText(registrySortKey(a), registrySortKey(b)));
  const leases = commits
    .flatMap(({ completes }) => (completes === undefined ? [] : [completes]))
    .map(({ key, attempts }) => ({ key, attempts }))
    .sort((a, b) => byText(a.key, b.key));
  const effects = appends
    .flatMap(({ streamId, effects }) => effects.map((each) => effectRow(streamId, each)))
    .sort((a, b) => byText(a.key, b.key));
  const values = [appends.flatMap(factRows), effects, registry, leases].map(rowsOrNull);
  return { ...COMMIT, values };
}

/** The append of a commit that is nothing but one fact of one stream and at most one effect. */
function single({ appends, completes }: Commit): StreamAppend | null {
  const [append, second] = appends;
  if (append === undefined || second !== undefined || completes !== undefined) return null;
  const small = append.facts.length === 1 && append.effects.length < 2 && append.registry.length === 0;
  return small ? append : null;
}

export function statementOf(commit: Commit): CommitStatement {
  const append = single(commit);
  const fact = append?.facts[0];
  return append === null || fact === undefined ? groupStatement([commit]) : oneFact(append, fact);
}
