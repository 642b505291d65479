import Type, { type Static } from 'typebox';
import { OpaqueId } from '../events/values.ts';
import { conform, decodeObject, encodeMessage, RealInstant } from './wire.ts';

/**
 * How a device's journal travels: some of its facts at a time upwards, and down again, retained, how far the cloud
 * has them. What the broker took is not yet copied; the device goes by the cloud's word alone.
 */

const UUID = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';
const Uuid = Type.String({ pattern: UUID, maxLength: 36 });

/** Most facts in one message: an update makes about seven, of 200 to 700 bytes each. */
export const MAX_JOURNAL_FACTS = 50;

const TravellingFact = Type.Object({
  /** Place within the journal, from 1. */
  version: Type.Integer({ minimum: 1, maximum: 1e9 }),
  eventId: Uuid,
  type: Type.String({ minLength: 1, maxLength: 60 }),
  data: Type.Unknown(),
  machine: Type.String({ pattern: '^[a-z][a-z-]{0,40}@[1-9][0-9]{0,5}$', maxLength: 50 }),
  /** Version of the fact's own schema when it was written. */
  schema: Type.Integer({ minimum: 1, maximum: 1e6 }),
  at: RealInstant,
});
export type TravellingFact = Static<typeof TravellingFact>;

export const JournalMessage = Type.Refine(
  Type.Object({
    messageId: OpaqueId,
    deviceId: OpaqueId,
    /** Of fixed form, so that no other device's stream can be named with it. */
    installationId: Uuid,
    facts: Type.Array(TravellingFact, { minItems: 1, maxItems: MAX_JOURNAL_FACTS }),
  }),
  ({ facts }) => facts.every(({ version }, i) => version === (facts[0]?.version ?? 0) + i),
  () => 'facts do not follow each other',
);
export type JournalMessage = Static<typeof JournalMessage>;

export const JournalCopied = Type.Object({
  deviceId: OpaqueId,
  installationId: Uuid,
  /** The cloud has the journal up to and including this fact; 0 for none. */
  version: Type.Integer({ minimum: 0 }),
  /** Why it did not take the rest of what was sent. */
  refused: Type.Optional(
    Type.Object({
      refusal: Type.String({ minLength: 1, maxLength: 40 }),
      reason: Type.String({ minLength: 1, maxLength: 500 }),
    }),
  ),
});
export type JournalCopied = Static<typeof JournalCopied>;

/** Throws `MalformedMessage`. */
export const parseCopied = (payload: Uint8Array): JournalCopied =>
  conform('copied', JournalCopied, decodeObject('copied', payload));

export const buildCopied = (copied: JournalCopied): Uint8Array => encodeMessage(copied);
