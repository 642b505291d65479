import Type from 'typebox';
import { SystemId } from '../../events/values.ts';
import { closed } from './common.ts';

const cursor = Type.Optional(
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Id of the last event seen.' }),
);

export const StreamHeaders = Type.Object({ 'last-event-id': cursor });

export const StreamId = Type.String({ maxLength: 250, description: 'One stream, by its id.' });

export const Types = Type.String({
  pattern: '^[A-Za-z]{1,60}(,[A-Za-z]{1,60}){0,49}$',
  description: 'Types of facts, separated by commas.',
  examples: ['JobDeployed,JobKept'],
});

/** Which facts of the log are wanted. */
export interface FactFilter {
  readonly systemId?: string | undefined;
  readonly stream?: string | undefined;
  readonly types?: string | undefined;
}

export const StreamQuery = Type.Object(
  {
    systemId: Type.Optional(SystemId),
    stream: Type.Optional(StreamId),
    types: Type.Optional(Types),
    lastEventId: cursor,
  },
  closed,
);
