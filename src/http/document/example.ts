import { alternatives, type SchemaNode } from './schema-node.ts';

/** Examples of what a schema takes, put together from those of its parts. */

const leastOf = ({ minimum, exclusiveMinimum }: SchemaNode): number =>
  minimum ?? (exclusiveMinimum ?? -1) + 1;

/** What texts of these names look like, where their schemas do not say. */
const BY_NAME: Readonly<Record<string, string>> = {
  systemId: 'bess-456',
  zone: 'America/Sao_Paulo',
  jobId: '0197a3c2-7d1e-7c55-9a43-5a3b3f6f2d10',
  deploymentId: 'b0f1c9a2-55b1-4f4e-8c0d-0f7f4a1f9f11',
  deviceId: 'dev-7c1d',
  modelType: 'ensemble',
  model: 'linear',
  url: '/models/bess-456/v1.3.0.onnx',
  recordedAt: '2026-01-05T06:00:00.000Z',
};

function exampleOfField(name: string, part: SchemaNode): unknown {
  const example = exampleOf(part);
  return example === 'text' ? (BY_NAME[name] ?? example) : example;
}

function exampleOfObject({ properties = {} }: SchemaNode): unknown {
  const fields = Object.entries(properties).map(([name, part]) => [name, exampleOfField(name, part)]);
  return Object.fromEntries(fields);
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
