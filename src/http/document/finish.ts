import { exampleOf } from './example.ts';
import { isPlain, mapObjects, type SchemaNode, takesNull } from './schema-node.ts';

/** What the API document says beyond what the framework reads off the routes. */

type Plain = Readonly<Record<string, unknown>>;

/** What a request may leave out because it has a default is not required of it. */
function leaveOutDefaults(schema: unknown): unknown {
  return mapObjects(schema, (object) => {
    const { properties, required } = object as SchemaNode;
    if (properties === undefined || required === undefined) return object;
    const needed = required.filter((name) => properties[name]?.default === undefined);
    return { ...object, required: needed };
  });
}

const isJson = (mediaType: string): boolean => /[/+]json$/.test(mediaType);

/** A media type of a body, with an example where it had none. Texts have theirs among the schema's keywords. */
function withExample(mediaType: string, media: Plain): Plain {
  const { schema, example, examples } = media;
  if (example !== undefined || examples !== undefined || !isPlain(schema) || '$ref' in schema) return media;
  const node = schema as SchemaNode;
  const made = isJson(mediaType) ? exampleOf(node) : node.examples?.[0];
  return made === undefined ? media : { ...media, example: made };
}

function withExamples({ content, ...rest }: Plain): Plain {
  if (!isPlain(content)) return rest;
  const entries = Object.entries(content).map(([type, media]) => [type, withExample(type, media as Plain)]);
  return { ...rest, content: Object.fromEntries(entries) };
}

const isOptional = (schema: unknown): boolean =>
  isPlain(schema) && ('default' in schema || takesNull(schema as SchemaNode));

function finishBody(body: Plain): Plain {
  const content = Object.entries(body['content'] as Readonly<Record<string, Plain>>);
  const required = !content.some(([, { schema }]) => isOptional(schema));
  const finished = content.map(([type, media]) => [
    type,
    { ...media, schema: leaveOutDefaults(media['schema']) },
  ]);
  return withExamples({ ...body, required, content: Object.fromEntries(finished) });
}

const finishParameter = (parameter: Plain): Plain => {
  const { schema, in: place } = parameter;
  return place !== 'path' && isOptional(schema) ? { ...parameter, required: false } : parameter;
};

function finishOperation(operation: Plain): Plain {
  const { requestBody, parameters, responses } = operation;
  const answers = Object.entries((responses ?? {}) as Readonly<Record<string, Plain>>);
  return {
    ...operation,
    ...(isPlain(requestBody) ? { requestBody: finishBody(requestBody) } : {}),
    ...(Array.isArray(parameters) ? { parameters: parameters.map(finishParameter) } : {}),
    responses: Object.fromEntries(answers.map(([status, answer]) => [status, withExamples(answer)])),
  };
}

/** Moves schemas with a title to where the document keeps them once; returns the tree with references instead. */
function hoist(paths: unknown, schemas: Map<string, unknown>): unknown {
  return mapObjects(paths, (object) => {
    // Examples stand beside the bodies, whose own schemas have lost them by now.
    const { examples: _, ...schema } = object as SchemaNode;
    const { title, type } = schema;
    if (title === undefined || type !== 'object') return object;
    const known = schemas.get(title);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema))
      throw new Error(`two schemas of the API document have the name ${title}: name them apart`);
    schemas.set(title, schema);
    return { $ref: `#/components/schemas/${title}` };
  });
}

type Paths = Readonly<Record<string, Readonly<Record<string, Plain>>>>;

/** The document as it is published: examples at every body and answer, and shared schemas by their name. */
export function finishDocument<Document extends object>(document: Document): Document {
  const { paths, components } = document as unknown as { readonly paths: Paths; readonly components: Plain };
  const finished = Object.entries(paths).map(([path, operations]) => [
    path,
    Object.fromEntries(Object.entries(operations).map(([method, one]) => [method, finishOperation(one)])),
  ]);
  const schemas = new Map(Object.entries((components['schemas'] ?? {}) as Plain));
  const hoisted = hoist(Object.fromEntries(finished), schemas);
  const sorted = [...schemas].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { ...document, paths: hoisted, components: { ...components, schemas: Object.fromEntries(sorted) } };
}
