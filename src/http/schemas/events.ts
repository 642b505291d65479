import Type from 'typebox';
import { SystemId } from '../../events/values.ts';
import { closed } from './common.ts';
import { StreamId, Types } from './stream.ts';

/** Facts of the whole log in its order, for programs that keep or fold them. */

const LoggedFact = Type.Object(
  {
    seq: Type.Integer({ description: 'Place in the log; the same as the id of an event of `/stream`.' }),
    streamId: Type.String(),
    version: Type.Integer({ description: 'Place within its stream, from 1.' }),
    eventId: Type.String(),
    fact: Type.Object(
      { type: Type.String({ examples: ['ModelEvaluated'] }), data: Type.Unknown() },
      { description: 'As the log holds it: shares are fractions of 1.' },
    ),
    metadata: Type.Object(
      {
        actor: Type.String({ description: 'Opaque id of who caused it.' }),
        tenant: Type.String(),
        systemId: Type.Union([Type.String(), Type.Null()]),
        correlationId: Type.String(),
        machine: Type.String({ examples: ['training-job@1'] }),
        schema: Type.Integer(),
        at: Type.String(),
      },
      { additionalProperties: true },
    ),
    recordedAt: Type.String(),
  },
  { title: 'LoggedFact' },
);

export const EventPage = Type.Object(
  {
    items: Type.Array(LoggedFact),
    nextCursor: Type.String({
      description: 'Give it as `cursor` to read on, also after the end: what comes later follows it.',
    }),
    atEnd: Type.Boolean({ description: 'Nothing followed when this was read.' }),
  },
  { title: 'EventPage', description: 'Facts in the order of the log.' },
);

const MOST = 1_000;

export const EventFilter = Type.Object(
  {
    systemId: Type.Optional(SystemId),
    stream: Type.Optional(StreamId),
    types: Type.Optional(Types),
    limit: Type.Integer({ minimum: 1, maximum: MOST, default: 200 }),
    cursor: Type.String({
      pattern: '^[0-9]{1,15}$',
      default: '0',
      description: '`nextCursor` of the page before; from the beginning when left out.',
    }),
  },
  closed,
);
