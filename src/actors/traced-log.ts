import type { NewFact } from '../events/envelope.ts';
import type { Commit, EventLog, StreamAppend } from '../ports/event-log.ts';
import { inSpan, type Tracing } from '../ports/tracing.ts';

const typesOf = (appends: readonly StreamAppend[]): readonly string[] => [
  ...new Set(appends.flatMap(({ facts }) => facts.map(({ fact }) => fact.type))),
];

/** Each fact by its place in the log. */
const placesOf = (appends: readonly StreamAppend[]): readonly string[] =>
  appends.flatMap(({ streamId, expectedVersion, facts }) =>
    facts.map(({ fact }, index) => `${streamId}@${expectedVersion + 1 + index} ${fact.type}`),
  );

const marked = (append: StreamAppend, trace: string): StreamAppend => ({
  ...append,
  facts: append.facts.map((fact): NewFact => ({ ...fact, metadata: { ...fact.metadata, trace } })),
});

/**
 * The log as it is, but that every append is a span and its facts tell so: what is done because of a fact, on whichever
 * node and however much later, finds its trace there.
 */
export function traceAppends(log: EventLog, tracing: Tracing): EventLog {
  if (!tracing.enabled) return log;

  async function commit(wanted: Commit): Promise<void> {
    const types = typesOf(wanted.appends);
    if (types.length === 0) return log.commit(wanted);
    const attributes = { 'lifo4.facts': placesOf(wanted.appends) };
    await inSpan(tracing, `append ${types.join(', ')}`, { attributes }, ({ traceparent }) => {
      if (traceparent === undefined) return log.commit(wanted);
      return log.commit({ ...wanted, appends: wanted.appends.map((append) => marked(append, traceparent)) });
    });
  }

  return { ...log, commit };
}
