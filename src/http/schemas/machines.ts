import Type from 'typebox';
import { closed } from './common.ts';

export const MachineParams = Type.Object(
  { name: Type.String({ pattern: '^[a-z][a-z-]{0,40}$', examples: ['training-job'] }) },
  closed,
);

export const MachineSchema = Type.Object(
  {
    name: Type.String(),
    version: Type.Integer(),
    streamType: Type.String({ description: 'Its streams are `{streamType}-{id}`.' }),
    initial: Type.String(),
    states: Type.Array(
      Type.Object({
        name: Type.String(),
        final: Type.Boolean(),
        transitions: Type.Array(
          Type.Object({
            fact: Type.String(),
            to: Type.String(),
            effects: Type.Array(Type.String()),
            guards: Type.Array(Type.String(), { description: 'Conditions that must hold.' }),
          }),
        ),
      }),
    ),
    groups: Type.Array(Type.Object({ name: Type.String(), states: Type.Array(Type.String()) }), {
      description: 'States with moves in common, drawn within one frame.',
    }),
    commands: Type.Array(Type.Object({ command: Type.String(), facts: Type.Array(Type.String()) }), {
      description: 'The facts that each command may make.',
    }),
  },
  { title: 'Machine', description: 'What each state does with each fact; what is not listed is illegal.' },
);

export const MachineList = Type.Object(
  { items: Type.Array(MachineSchema) },
  { title: 'MachineList', description: 'All lifecycles.' },
);

export const DrawingQuery = Type.Object(
  {
    stream: Type.Optional(
      Type.String({
        pattern: '^[a-z-]+-[A-Za-z0-9_.:-]{1,220}$',
        maxLength: 250,
        description: 'Stream whose way is marked; needs a token with ml:read.',
      }),
    ),
  },
  closed,
);
