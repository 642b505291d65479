import Type from 'typebox';
import { STREAM_TYPES } from '../../events/stream-id.ts';
import { closed } from './common.ts';

export const FactTypeParams = Type.Object(
  { type: Type.String({ pattern: '^[A-Za-z]{1,60}$', examples: ['JobDeployed'] }) },
  closed,
);

export const FactTypeList = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          type: Type.String({ examples: ['JobDeployed'] }),
          streamType: Type.Enum([...STREAM_TYPES]),
          version: Type.Integer({ description: 'Of the schema.', examples: [1] }),
          url: Type.String({ description: 'Where the schema is.', examples: ['/schemas/JobDeployed'] }),
        },
        { title: 'FactType' },
      ),
    ),
  },
  { title: 'FactTypeList', description: 'Every type of fact, by name.' },
);

export const FactDataSchema = Type.Object(
  { title: Type.String({ examples: ['JobDeployed'] }) },
  {
    additionalProperties: true,
    description: 'The JSON Schema (2020-12) of the fact’s data as the log keeps it.',
  },
);

export const AsyncApiSchema = Type.Object(
  { asyncapi: Type.String({ examples: ['3.0.0'] }) },
  { additionalProperties: true, description: 'An AsyncAPI 3 document.' },
);
