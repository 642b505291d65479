import { Validator } from '@seriousme/openapi-schema-validator';
import { Compile } from 'typebox/compile';
import { beforeAll, describe, expect, it } from 'vitest';
import { SCOPES } from '../../src/http/principal.ts';
import { apiDocument } from '../../src/main/api-document.ts';
import { type ApiDocument, resolved } from './documented.ts';

interface Media {
  readonly schema: object;
  readonly example?: unknown;
}

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}

let document: ApiDocument;
let operations: readonly (readonly [string, Operation])[];

/** What is wrong with the example of a JSON body, or null. */
function wrong(where: string, { schema, example }: Media): string | null {
  if (example === undefined) return `${where} has no example`;
  const validator = Compile(resolved(document, schema) as object);
  if (validator.Check(example)) return null;
  return `${where}: ${JSON.stringify(validator.Errors(example).slice(0, 2))}`;
}

const isJson = (media: string): boolean => /[/+]json$/.test(media);

const bodiesOf = (
  name: string,
  { requestBody, responses }: Operation,
): readonly (readonly [string, Media])[] =>
  [
    ...Object.entries(requestBody?.content ?? {}).map(
      ([type, media]) => [`${name} ${type}`, type, media] as const,
    ),
    ...Object.entries(responses).flatMap(([status, { content = {} }]) =>
      Object.entries(content).map(([type, media]) => [`${name} ${status}`, type, media] as const),
    ),
  ]
    .filter(([, type]) => isJson(type))
    .map(([where, , media]) => [where, media] as const);

describe('the API document', () => {
  beforeAll(async () => {
    document = (await apiDocument('1.2.3')) as ApiDocument;
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]) => [`${method} ${path}`, one as Operation] as const),
    );
  });

  it('is OpenAPI 3.1 by the schema that its authors publish', async () => {
    const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  it('names, sums up and tags every operation, once each', () => {
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [name, operation] of operations) {
      expect(operation, name).toMatchObject({
        ...{ operationId: expect.any(String), summary: expect.any(String), tags: [expect.any(String)] },
      });
    }
  });

  it('says of every operation whose credential with which scope it takes', () => {
    for (const [name, { security = [], responses }] of operations) {
      const scopes = security.flatMap(({ token = [] }) => token);
      for (const scope of scopes) expect(SCOPES, name).toContain(scope);
      if (security.length > 0)
        expect(Object.keys(responses), name).toEqual(expect.arrayContaining(['401', '403']));
    }
  });

  it('shows an example of every body and answer, which fits its schema', () => {
    const found = operations
      .flatMap(([name, operation]) => bodiesOf(name, operation))
      .map(([where, media]) => wrong(where, media))
      .filter((problem) => problem !== null);
    expect(found).toEqual([]);
  });

  it('bounds every list', () => {
    for (const [name, { parameters = [] }] of operations) {
      const limit = parameters.find((parameter) => parameter.name === 'limit');
      if (limit !== undefined)
        expect(limit.schema, name).toMatchObject({ minimum: 1, maximum: expect.any(Number) });
    }
  });

  it('knows every refusal as problem details, with an example of its own status', () => {
    const refusals = operations.flatMap(([name, { responses }]) =>
      Object.entries(responses)
        .filter(([status]) => Number(status) >= 400 && name !== 'get /readyz')
        .map(
          ([status, { content }]) => [name, Number(status), content?.['application/problem+json']] as const,
        ),
    );
    for (const [name, status, media] of refusals)
      expect(media?.example, `${name} ${status}`).toMatchObject({ status });
  });
});
