import type { SequencedFact } from '../../events/envelope.ts';
import { parseStreamId } from '../../events/stream-id.ts';

/** A fact as CloudEvents 1.0 says it, in JSON (https://github.com/cloudevents/spec). */

/** Digits of `sequence`, which readers compare as text. */
const SEQUENCE_DIGITS = 16;

export interface CloudEventOptions {
  /** Where these events come from, an address. */
  readonly source: string;
  /** First token of subjects. */
  readonly prefix: string;
  /** The fact's data as people and programs outside see it. */
  readonly present: (fact: SequencedFact) => unknown;
}

/** Token of a subject where a fact belongs to no site. */
const NO_SITE = '_';

/** `{prefix}.events.{stream type}.{site}.{fact type}`. */
export function eventSubject(prefix: string, recorded: SequencedFact): string {
  const kind = parseStreamId(recorded.streamId)?.type ?? NO_SITE;
  return `${prefix}.events.${kind}.${recorded.metadata.systemId ?? NO_SITE}.${recorded.fact.type}`;
}

/** Extension attributes have lower-case names and plain values; those without a value are left out. */
function extensionsOf({ streamId, version, seq, metadata }: SequencedFact) {
  const { tenant, systemId, actor, correlationId, causationId, trace, at } = metadata;
  return {
    sequence: String(seq).padStart(SEQUENCE_DIGITS, '0'),
    partitionkey: streamId,
    streamversion: version,
    tenant,
    ...(systemId === null ? {} : { system: systemId }),
    actor,
    correlationid: correlationId,
    ...(causationId === undefined ? {} : { causationid: causationId }),
    // Of the extension for distributed tracing.
    ...(trace === undefined ? {} : { traceparent: trace }),
    sitetime: at,
  };
}

/** With `data` left out when it would make the event too large for its way. */
export function cloudEvent(
  recorded: SequencedFact,
  { source, present }: CloudEventOptions,
  withData = true,
): Uint8Array {
  const event = {
    specversion: '1.0',
    id: recorded.eventId,
    source,
    type: `lifo4.${recorded.fact.type}`,
    subject: recorded.streamId,
    time: recorded.recordedAt,
    ...extensionsOf(recorded),
    ...(withData ? { datacontenttype: 'application/json', data: present(recorded) } : {}),
  };
  return new TextEncoder().encode(JSON.stringify(event));
}
