import Type from 'typebox';
import { closed, paging } from './common.ts';

export const ModelFilter = Type.Object(
  { status: Type.Optional(Type.Enum(['active', 'legacy'])), ...paging },
  closed,
);
