import Type from 'typebox';
import { closed } from './common.ts';

const DeadEffectSchema = Type.Object(
  {
    key: Type.String({
      description: 'Names the effect: stream, version of the fact that asked for it, place.',
    }),
    streamId: Type.String(),
    type: Type.String({ examples: ['publish-desired'] }),
    attempts: Type.Integer({ description: 'How often it was tried.' }),
    error: Type.Union([Type.String(), Type.Null()], { description: 'The last error.' }),
  },
  { title: 'DeadEffect' },
);

export const DeadEffects = Type.Object(
  { items: Type.Array(DeadEffectSchema) },
  { title: 'DeadEffectList', description: 'Newest first, at most 200.' },
);

export const RedriveBody = Type.Object(
  {
    key: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
    type: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
  },
  {
    title: 'RedriveRequest',
    ...closed,
    description: 'One effect by its key, all of a type, or with neither all of them.',
  },
);

export const Redriven = Type.Object(
  {
    redriven: Type.Integer({ description: 'Effects that are due again.' }),
  },
  { title: 'Redriven' },
);
