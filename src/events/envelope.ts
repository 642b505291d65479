import type { Static, TSchema } from 'typebox';

/** Who and why: carried beside every fact. `at` is the site clock's instant, ISO 8601 with `Z`. */
export interface Metadata {
  /** Opaque id of the person, device or component that caused the fact. */
  readonly actor: string;
  /** Whose fact it is: readers see only their tenant's. */
  readonly tenant: string;
  /** The site it belongs to, or null. */
  readonly systemId: string | null;
  readonly correlationId: string;
  /** The request, message or effect that caused it. */
  readonly causationId?: string;
  /** Where in a trace it was appended, as W3C `traceparent`; absent where nothing was traced. */
  readonly trace?: string;
  /** Machine and version that found the fact legal, for example `training-job@1`. */
  readonly machine: string;
  /** Version of the fact's own schema when it was written. */
  readonly schema: number;
  readonly at: string;
}

/** A fact as a machine states it: only what happened. */
export interface Fact<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/** A fact ready to be appended. `eventId` makes a repeated append a no-op. */
export interface NewFact<F extends Fact = Fact> {
  readonly eventId: string;
  readonly fact: F;
  readonly metadata: Metadata;
}

/** A fact in its stream. `version` counts from 1 within the stream. */
export interface RecordedFact<F extends Fact = Fact> extends NewFact<F> {
  readonly streamId: string;
  readonly version: number;
  /** The database's clock when the row was written, ISO 8601. */
  readonly recordedAt: string;
}

/** A fact as the feed gives it: `seq` is dense, gap-free and the only cursor that readers keep. */
export interface SequencedFact<F extends Fact = Fact> extends RecordedFact<F> {
  readonly seq: number;
}

/** The schema of one fact type, and how data written under earlier versions becomes today's. */
export interface FactSchema<S extends TSchema = TSchema> {
  /** What the fact says, in a sentence. */
  readonly description: string;
  readonly version: number;
  readonly schema: S;
  /** `upcasts[n]` turns data of version n into data of version n + 1. */
  readonly upcasts: Readonly<Record<number, (data: unknown) => unknown>>;
}

export type FactSchemas = Readonly<Record<string, FactSchema>>;

/** The union of facts that a table of schemas describes. */
export type FactOf<Schemas extends FactSchemas> = {
  [Type in keyof Schemas & string]: Fact<Type, Static<Schemas[Type]['schema']>>;
}[keyof Schemas & string];

/** First version of a fact type: nothing to upcast yet. */
export const firstVersion = <S extends TSchema>(description: string, schema: S): FactSchema<S> => ({
  description,
  version: 1,
  schema,
  upcasts: {},
});
