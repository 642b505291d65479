import Type, { type Static, type TSchema } from 'typebox';
import { Check, Clean, Errors } from 'typebox/value';
import { MAX_MESSAGE_BYTES } from './topics.ts';

/** Messages as bytes: JSON, read with suspicion. */

/** The bytes are not the message they should be, and what is wrong with them. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
  readonly kind: string;
  readonly problems: readonly string[];

  constructor(kind: string, problems: readonly string[]) {
    super(`malformed ${kind} message: ${problems.slice(0, 5).join('; ')}`);
    this.kind = kind;
    this.problems = problems;
  }
}

export const encodeMessage = (message: object): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(message));

/** Text that databases cannot hold: a null character, or half of a surrogate pair. */
const isUnstorable = (value: unknown): boolean =>
  typeof value === 'string' && (value.includes('\0') || !value.isWellFormed());

function parseJson(kind: string, text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => {
    if (isUnstorable(key) || isUnstorable(value))
      throw new MalformedMessage(kind, ['text with a null character or half of a surrogate pair']);
    return value;
  });
}

/** Any JSON object of at most the size that either side may send. Throws {@link MalformedMessage}. */
export function decodeObject(kind: string, payload: Uint8Array): Record<string, unknown> {
  if (payload.byteLength > MAX_MESSAGE_BYTES)
    throw new MalformedMessage(kind, [
      `${payload.byteLength} bytes, at most ${MAX_MESSAGE_BYTES} are allowed`,
    ]);
  let value: unknown;
  try {
    value = parseJson(kind, new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (error) {
    if (error instanceof MalformedMessage) throw error;
    throw new MalformedMessage(kind, ['not JSON in UTF-8']);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedMessage(kind, ['not a JSON object']);
  return value as Record<string, unknown>;
}

/**
 * The value as its schema describes it. Fields that the schema does not know are left out, so that either side
 * may be the newer one. Throws {@link MalformedMessage}.
 */
export function conform<S extends TSchema>(kind: string, schema: S, value: unknown): Static<S> {
  if (!Check(schema, value)) {
    const problems = [...Errors(schema, value)].map((e) => `${e.instancePath || '/'} ${e.message}`);
    throw new MalformedMessage(kind, problems);
  }
  return Clean(schema, structuredClone(value)) as Static<S>;
}

/** An instant that exists (no 31 February), ISO 8601 in UTC with `Z`. */
export const RealInstant = Type.Refine(
  Type.String({
    pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?Z$',
    maxLength: 30,
  }),
  (value) => !Number.isNaN(Date.parse(value)),
  () => 'is no instant',
);

const FIRST_HOUR = Date.parse('2000-01-01T00:00Z');

/** The beginning of a whole hour since 2000, UTC. */
export const WholeHour = Type.Refine(
  Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:00(:00(\\.0{1,9})?)?Z$', maxLength: 30 }),
  (value) => Date.parse(value) >= FIRST_HOUR,
  () => 'is no hour since 2000',
);
