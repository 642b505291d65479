import Type, { type TSchema } from 'typebox';

/**
 * Answers of a route by status. They document; the tests check every answer against them. Kept loose for the
 * compiler, since answers are read-only where schemas are not.
 */
export const answers = (byStatus: Readonly<Record<number, TSchema>>): Record<number, TSchema> => byStatus;

/** An answer that is not JSON. */
export const mediaAnswer = (description: string, mediaType: string): TSchema => ({
  description,
  content: { [mediaType]: { schema: { type: 'string' } } },
});

/** An answer without a body. */
export const emptyAnswer = (description: string): TSchema => Type.Null({ description });
