import { alternatives, type SchemaNode } from './schema-node.ts';

/** Examples of what a schema takes, put together from those of its parts. */

const leastOf = ({ minimum, exclusiveMinimum }: SchemaNode): number =>
  minimum ?? (exclusiveMinimum ?? -1) + 1;

function exampleOfObject({ properties = {} }: SchemaNode): unknown {
  return Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, exampleOf(part)]));
}

function exampleOfType(schema: SchemaNode): unknown {
  switch (schema.type) {
    case 'object':
      return exampleOfObject(schema);
    case 'array':
      return schema.items === undefined ? [] : [exampleOf(schema.items)];
    case 'integer':
      return leastOf(schema);
    case 'number':
      return leastOf(schema);
    case 'boolean':
      return false;
    case 'string':
      return 'text';
  }
  return null;
}

function said({ examples, const: only, enum: choices, default: usual }: SchemaNode): unknown {
  return examples?.[0] ?? only ?? usual ?? choices?.[0];
}

/** The schema's own example, or one that its parts make; of alternatives the first. */
export function exampleOf(schema: SchemaNode): unknown {
  const own = said(schema);
  if (own !== undefined) return own;
  const [first] = [...(schema.allOf ?? []), ...alternatives(schema)];
  return first === undefined ? exampleOfType(schema) : exampleOf(first);
}
