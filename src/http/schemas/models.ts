import Type from 'typebox';
import { closed, paging } from './common.ts';

export const ModelFilter = Type.Object(
  { verdict: Type.Optional(Type.Enum(['deployed', 'kept'])), ...paging },
  closed,
);
