import { alternatives, isPlain, type SchemaNode } from './schema-node.ts';

/** The API document as TypeScript types, in the form that `openapi-fetch` infers its calls from. */

interface Media {
  readonly schema: SchemaNode;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required: boolean;
    readonly schema: SchemaNode;
  }[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, Media>>;
  };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}

export interface TypedDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, SchemaNode>> };
}

const keyOf = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`);
const literal = (value: unknown): string =>
  typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : JSON.stringify(value);
const union = (parts: readonly string[]): string => [...new Set(parts)].join(' | ');
const indented = (text: string): string => text.replaceAll('\n', '\n  ');
const remark = (text: string | undefined): string =>
  text === undefined ? '' : `  /** ${text.replaceAll('*/', '* /').replaceAll('\n', ' ')} */\n`;

function field(name: string, optional: boolean, type: string, text?: string): string {
  return `${remark(text)}  ${keyOf(name)}${optional ? '?' : ''}: ${indented(type)};\n`;
}

const fields = (parts: readonly string[]): string =>
  parts.length === 0 ? 'Record<string, never>' : `{\n${parts.join('')}}`;

function recordType({ patternProperties, additionalProperties }: SchemaNode): string {
  const [value] = Object.values(patternProperties ?? {});
  const other = isPlain(additionalProperties) ? (additionalProperties as SchemaNode) : undefined;
  const values = value ?? other;
  return `Record<string, ${values === undefined ? 'unknown' : typeOf(values)}>`;
}

function objectType(schema: SchemaNode): string {
  const { properties = {}, required = [] } = schema;
  const parts = Object.entries(properties).map(([name, part]) =>
    field(name, !required.includes(name), typeOf(part), part.description),
  );
  if (parts.length === 0) return recordType(schema);
  return schema.additionalProperties === true ? `${fields(parts)} & Record<string, unknown>` : fields(parts);
}

function arrayType({ items }: SchemaNode): string {
  const item = items === undefined ? 'unknown' : typeOf(items);
  return item.includes(' | ') || item.includes(' & ') ? `(${item})[]` : `${item}[]`;
}

function plainType(schema: SchemaNode, type: string): string {
  switch (type) {
    case 'object':
      return objectType(schema);
    case 'array':
      return arrayType(schema);
    case 'integer':
      return 'number';
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return type;
  }
  return 'unknown';
}

function composedType(schema: SchemaNode): string | null {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? 'unknown';
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map(literal));
  if (schema.allOf !== undefined) return schema.allOf.map(typeOf).join(' & ');
  const parts = alternatives(schema);
  return parts.length === 0 ? null : union(parts.map(typeOf));
}

/** The TypeScript type of what fits a schema; texts by their form alone. */
function typeOf(schema: SchemaNode): string {
  const composed = composedType(schema);
  if (composed !== null) return composed;
  const types = [schema.type ?? []].flat();
  return types.length === 0 ? 'unknown' : union(types.map((type) => plainType(schema, type)));
}

const mediaTypes = (content: Readonly<Record<string, Media>> | undefined): string =>
  content === undefined
    ? 'never'
    : fields(Object.entries(content).map(([media, { schema }]) => field(media, false, typeOf(schema))));

function parametersOf({ parameters = [] }: Operation): string {
  const places = ['query', 'header', 'path'].map((place) => {
    const own = parameters.filter((parameter) => parameter.in === place);
    if (own.length === 0) return `  ${place}?: never;\n`;
    const parts = own.map(({ name, required, schema }) =>
      field(name, !required, typeOf(schema), schema.description),
    );
    return field(place, !own.some(({ required }) => required), fields(parts));
  });
  return `{\n${places.join('')}}`;
}

function bodyOf({ requestBody }: Operation): string {
  if (requestBody === undefined) return '  requestBody?: never;\n';
  const content = `{\n  content: ${indented(mediaTypes(requestBody.content))};\n}`;
  return field('requestBody', !requestBody.required, content);
}

type Answer = Operation['responses'][string];

const isRefusal = ({ content = {} }: Answer): boolean => 'application/problem+json' in content;

/** Refusals all have one form, so that they are told by their statuses alone. */
function responsesOf({ responses }: Operation): string {
  const all = Object.entries(responses);
  const answers = all
    .filter(([, answer]) => !isRefusal(answer))
    .map(([status, { content }]) => `  ${status}: { content: ${indented(mediaTypes(content))} };\n`);
  const refusals = all.filter(([, answer]) => isRefusal(answer)).map(([status]) => status);
  return `${fields(answers)} & Refusals<${refusals.join(' | ')}>`;
}

function operationType(operation: Operation): string {
  const parameters = field('parameters', false, parametersOf(operation));
  const responses = field('responses', false, responsesOf(operation));
  return `{\n${parameters}${bodyOf(operation)}${responses}}`;
}

const HEAD = `/** Made from the API document by \`npm run client\`. Change the schemas of the routes, not this file. */

type Refusals<Status extends number> = Record<
  Status,
  { content: { 'application/problem+json': Problem } }
>;
`;

/** The source of a module with a type for each named schema, and `paths` for a typed client. */
export function typesOf({ paths, components }: TypedDocument): string {
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `${remark(schema.description).trimStart()}export type ${name} = ${typeOf(schema)};\n`,
  );
  const calls = Object.entries(paths).map(([path, operations]) => {
    const methods = Object.entries(operations).map(([method, operation]) =>
      field(method, false, operationType(operation), operation.summary),
    );
    return field(path, false, fields(methods));
  });
  return [HEAD, ...schemas, `export interface paths ${fields(calls)}\n`].join('\n');
}
