import { Compile } from 'typebox/compile';

/** Holds every answer of a server against the server's own API document. */

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

export interface ApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** References replaced by what they refer to. */
export function resolved(document: ApiDocument, schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map((entry) => resolved(document, entry));
  if (typeof schema !== 'object' || schema === null) return schema;
  if ('$ref' in schema) {
    return resolved(document, document.components.schemas[String(schema.$ref).split('/').at(-1) ?? '']);
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, resolved(document, value)]));
}

function operationOf(document: ApiDocument, method: string, path: string): Operation | null {
  const wanted = path.split('/');
  const fits = (template: string) => {
    const parts = template.split('/');
    return (
      parts.length === wanted.length && parts.every((part, i) => part === wanted[i] || part.startsWith('{'))
    );
  };
  const literal = document.paths[path];
  const template = Object.keys(document.paths).find(fits);
  const found = literal ?? (template === undefined ? undefined : document.paths[template]);
  return found?.[method.toLowerCase()] ?? null;
}

const mediaTypeOf = (response: Response): string =>
  (response.headers.get('content-type') ?? '').split(';', 1)[0]?.trim() ?? '';

/** What is undocumented about the answer, or null. An address that the document does not know is not judged. */
export function undocumented(
  document: ApiDocument,
  method: string,
  path: string,
  response: Response,
  body: string,
): string | null {
  const operation = operationOf(document, method, path);
  if (operation === null) return null;
  const documentedAnswer = operation.responses[String(response.status)];
  if (documentedAnswer === undefined) return `status ${response.status} is not documented`;
  if (documentedAnswer.content === undefined) return body === '' ? null : 'has a body that is not documented';
  const media = documentedAnswer.content[mediaTypeOf(response)];
  if (media === undefined) return `media type ${mediaTypeOf(response)} is not documented`;
  if (!mediaTypeOf(response).endsWith('json')) return null;
  const validator = Compile(resolved(document, media.schema) as object);
  const value: unknown = JSON.parse(body);
  return validator.Check(value) ? null : JSON.stringify(validator.Errors(value).slice(0, 3));
}
