import Type, { type TSchema } from 'typebox';
import { Instant, ModelVersion, nullable, OpaqueId, SystemId } from '../../events/values.ts';

/** Parts that several calls share. */

export const closed = { additionalProperties: false } as const;

export const SiteParams = Type.Object({ systemId: SystemId }, closed);
export const ModelParams = Type.Object({ systemId: SystemId, version: ModelVersion }, closed);
export const JobParams = Type.Object({ jobId: OpaqueId }, closed);
export const DeploymentParams = Type.Object({ deploymentId: OpaqueId }, closed);

export const PageOf = <S extends TSchema>(title: string, item: S, description: string) =>
  Type.Object(
    {
      items: Type.Array(item),
      nextCursor: nullable(Type.String({ description: 'Give it as `cursor` to read on; null at the end.' })),
    },
    { title, description },
  );

/** Paging of every list. */
export const paging = {
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 500, description: '`nextCursor` of the page before.' }),
  ),
};

/** A fact of the log. Shares are in percent. */
export const FactSchema = Type.Object(
  {
    streamId: Type.String(),
    version: Type.Integer({ description: 'Place within its stream, from 1.' }),
    eventId: Type.String(),
    type: Type.String({ examples: ['ModelEvaluated'] }),
    data: Type.Unknown({ description: 'As the schema of the fact type says; shares in percent.' }),
    at: Instant,
    actor: Type.String({ description: 'Opaque id of who caused it.' }),
    systemId: nullable(Type.String()),
    correlationId: Type.String(),
    causationId: nullable(Type.String()),
    machine: Type.String({ examples: ['training-job@1'] }),
    recordedAt: Type.String(),
  },
  { title: 'Fact' },
);

export const FactList = Type.Object(
  { items: Type.Array(FactSchema) },
  { title: 'FactList', description: 'Facts of the stream, oldest first.' },
);

export const AfterVersion = Type.Object(
  {
    after: Type.Integer({
      minimum: 0,
      default: 0,
      description: 'Only facts after this place within the stream.',
    }),
  },
  closed,
);

/** A write over what the caller has read. */
export const MatchHeaders = Type.Object({
  'if-match': Type.Optional(
    Type.String({
      maxLength: 200,
      description: 'The `ETag` of what was read: 412 when somebody changed it since.',
    }),
  ),
});

export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: '^[\\x21-\\x7e]+$',
      description: 'Repeating a request with the same key gives what the first one made.',
    }),
  ),
});
