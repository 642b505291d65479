import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { type FieldProblem, Problem } from './problem/problem.ts';
import { unstorableAt } from './storable.ts';

/** Checks requests against their schemas and says, for each problem, where it is and what to do. */

const MAX_PROBLEMS = 20;

type Params = Readonly<Record<string, unknown>>;

const listed = (value: unknown): string =>
  Array.isArray(value) ? value.map(String).join(', ') : String(value);

const PHRASES: Readonly<Record<string, (params: Params) => string>> = {
  type: ({ type }) => `must be of type ${listed(type)}`,
  required: ({ requiredProperties }) => `is missing ${listed(requiredProperties)}: add it`,
  additionalProperties: ({ additionalProperties }) =>
    `has unknown fields ${listed(additionalProperties)}: remove them or check their spelling`,
  enum: ({ allowedValues }) => `must be one of ${listed(allowedValues)}`,
  const: ({ allowedValue }) => `must be ${String(allowedValue)}`,
  minimum: ({ limit }) => `must be at least ${String(limit)}`,
  maximum: ({ limit }) => `must be at most ${String(limit)}`,
  exclusiveMinimum: ({ limit }) => `must be more than ${String(limit)}`,
  exclusiveMaximum: ({ limit }) => `must be less than ${String(limit)}`,
  minLength: ({ limit }) => `must have at least ${String(limit)} characters`,
  maxLength: ({ limit }) => `must have at most ${String(limit)} characters`,
  minItems: ({ limit }) => `must have at least ${String(limit)} entries`,
  maxItems: ({ limit }) => `must have at most ${String(limit)} entries`,
  uniqueItems: () => 'must not repeat an entry',
  pattern: ({ pattern }) => `must look like ${String(pattern)}`,
};

/** Keywords that only repeat, less clearly, what another error of the same place says. */
const ECHOES = new Set(['boolean', 'anyOf', 'oneOf', 'not', 'if']);

function phrase({ keyword, params, message }: TLocalizedValidationError): string {
  return PHRASES[keyword]?.(params as Params) ?? message;
}

/** People count the rows of a table from 1. */
function rowOf(instancePath: string): { readonly row?: number } {
  const [, index] = /^\/[^/]+\/(\d+)(?:\/|$)/.exec(instancePath) ?? [];
  return index === undefined ? {} : { row: Number(index) + 1 };
}

function fieldProblems(part: string, errors: readonly TLocalizedValidationError[]): readonly FieldProblem[] {
  const telling = errors.filter(({ keyword }) => !ECHOES.has(keyword));
  const chosen = telling.length === 0 ? errors : telling;
  return chosen.slice(0, MAX_PROBLEMS).map((error) => ({
    pointer: `/${part}${error.instancePath}`.slice(0, 200),
    ...rowOf(error.instancePath),
    detail: phrase(error).slice(0, 300),
  }));
}

/** Refuses the request with every problem found. */
function invalidRequest(problems: readonly FieldProblem[], total = problems.length): Problem {
  const [first] = problems;
  const what = first === undefined ? 'The request is not valid' : `${first.pointer} ${first.detail}`;
  const more = total > 1 ? ` (and ${total - 1} more: see problems)` : '';
  return new Problem(400, 'invalid-request', `${what}${more}.`, { problems });
}

/** The value, unless it holds what no store takes. */
function storable(part: string, value: unknown): { readonly value: unknown } | { readonly error: Problem } {
  const place = unstorableAt(value);
  if (place === null) return { value };
  const detail = 'holds a null character or half of a surrogate pair: remove it';
  return { error: invalidRequest([{ pointer: `/${part}${place}`.slice(0, 200), detail }]) };
}

/** Whether the schema fills in anything that a request leaves out. */
function hasDefault(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  return 'default' in schema || Object.values(schema).some(hasDefault);
}

/**
 * Bodies are taken as they are; texts from the address and the headers become numbers or booleans where the
 * schema wants them. Unknown fields are refused, never removed.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart, contentType }) => {
  // A table comes as a stream and is checked row by row while it is read.
  if (contentType === 'text/csv') return (value: unknown) => ({ value });
  const validator = Compile(schema);
  const part = httpPart ?? 'body';
  const fills = hasDefault(schema);
  return (value: unknown) => {
    // Most requests are right as they are.
    if (!fills && validator.Check(value)) return storable(part, value);
    const filled = validator.Default(part === 'body' ? value : validator.Convert(value));
    return validator.Check(filled)
      ? storable(part, filled)
      : { error: invalidRequest(fieldProblems(part, validator.Errors(filled))) };
  };
};
