import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Check, Errors } from 'typebox/value';
import { alertFacts } from './alert.ts';
import { alertSilenceFacts } from './alert-silence.ts';
import { deploymentFacts } from './deployment.ts';
import { deviceFacts } from './device.ts';
import { deviceJournalFacts } from './device-journal.ts';
import type { Fact, FactSchemas } from './envelope.ts';
import { evaluationFacts } from './evaluation.ts';
import { fleetFacts } from './fleet.ts';
import { rolloutFacts } from './rollout.ts';
import { siteFacts } from './site.ts';
import { parseStreamId, type StreamType } from './stream-id.ts';
import { trainingJobFacts } from './training-job.ts';

/** Every fact type of every stream type. */
const factCatalogue: Readonly<Record<StreamType, FactSchemas>> = {
  'training-job': trainingJobFacts,
  deployment: deploymentFacts,
  site: siteFacts,
  device: deviceFacts,
  'device-journal': deviceJournalFacts,
  'alert-silence': alertSilenceFacts,
  alert: alertFacts,
  fleet: fleetFacts,
  evaluation: evaluationFacts,
  rollout: rolloutFacts,
};

/** A fact type as others read it: where it stands, and what its data looks like in the schema version of today. */
export interface FactType {
  readonly type: string;
  readonly streamType: StreamType;
  readonly description: string;
  readonly version: number;
  readonly schema: TSchema;
}

/** Every fact type, by name. A name belongs to one type of stream alone. */
export const factTypes: readonly FactType[] = Object.entries(factCatalogue)
  .flatMap(([streamType, schemas]) =>
    Object.entries(schemas).map(([type, { description, version, schema }]) => ({
      ...{ type, streamType: streamType as StreamType, description, version, schema },
    })),
  )
  .toSorted((a, b) => (a.type < b.type ? -1 : 1));

/** The data does not fit the schema of its fact type, or the stream has no such fact type. */
export class InvalidFact extends Error {
  override readonly name = 'InvalidFact';
  readonly streamId: string;
  readonly factType: string;
  readonly problems: readonly string[];

  constructor(streamId: string, factType: string, problems: readonly string[]) {
    super(`fact ${factType} does not fit stream ${streamId}: ${problems.join('; ')}`);
    this.streamId = streamId;
    this.factType = factType;
    this.problems = problems;
  }
}

function schemaOf(streamId: string, factType: string) {
  const stream = parseStreamId(streamId);
  if (stream === null) throw new InvalidFact(streamId, factType, ['unknown stream type']);
  const schemas = factCatalogue[stream.type];
  const schema = Object.hasOwn(schemas, factType) ? schemas[factType] : undefined;
  if (schema === undefined) throw new InvalidFact(streamId, factType, ['unknown fact type']);
  return schema;
}

/** Today's schema version of a fact type. Throws {@link InvalidFact} when the stream has no such type. */
export const schemaVersion = (streamId: string, factType: string): number =>
  schemaOf(streamId, factType).version;

function refuse(streamId: string, fact: Fact, schema: TSchema): never {
  const problems = [...Errors(schema, fact.data)].map((e) => `${e.instancePath || '/'} ${e.message}`);
  throw new InvalidFact(streamId, fact.type, problems);
}

/** Throws {@link InvalidFact} unless the fact's data fits today's schema of its type. */
export function assertFact(streamId: string, fact: Fact): void {
  const { schema } = schemaOf(streamId, fact.type);
  if (!Check(schema, fact.data)) refuse(streamId, fact, schema);
}

/** Data written under an older schema version, brought to today's. */
export function upcast(streamId: string, factType: string, writtenUnder: number, data: unknown): unknown {
  const { version, upcasts } = schemaOf(streamId, factType);
  let current = data;
  for (let from = writtenUnder; from < version; from += 1) {
    const step = upcasts[from];
    if (step === undefined) throw new InvalidFact(streamId, factType, [`no upcast from version ${from}`]);
    current = step(current);
  }
  return current;
}

/** The rules that a log keeps for the facts it stores: checked when written, brought up to date when read. */
export interface FactRules {
  /** Throws {@link InvalidFact} unless the fact may stand in the stream. */
  assertFact(streamId: string, fact: Fact): void;
  upcast(streamId: string, factType: string, writtenUnder: number, data: unknown): unknown;
}

/** The rules of {@link factCatalogue}, each schema compiled when it is first needed: 40 times quicker to check. */
export function createCatalogueRules(): FactRules {
  const compiled = new Map<TSchema, (data: unknown) => boolean>();
  const checkOf = (schema: TSchema): ((data: unknown) => boolean) => {
    const known = compiled.get(schema);
    if (known !== undefined) return known;
    const validator = Compile(schema);
    const check = (data: unknown): boolean => validator.Check(data);
    compiled.set(schema, check);
    return check;
  };
  return {
    upcast,
    assertFact: (streamId, fact) => {
      const { schema } = schemaOf(streamId, fact.type);
      if (!checkOf(schema)(fact.data)) refuse(streamId, fact, schema);
    },
  };
}
