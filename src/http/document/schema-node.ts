/** JSON Schemas as plain data, as far as the API document and what is made from it look into them. */

export interface SchemaNode {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly allOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
}

/** What a schema's alternatives are; empty when it has none. */
export const alternatives = ({ anyOf, oneOf }: SchemaNode): readonly SchemaNode[] => anyOf ?? oneOf ?? [];

/** Whether null fits the schema. */
export const takesNull = (schema: SchemaNode): boolean =>
  schema.type === 'null' || alternatives(schema).some(takesNull);

type Plain = Readonly<Record<string, unknown>>;

export const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A copy of a tree of plain data in which every object is what `change` makes of it, the innermost first. */
export function mapObjects(tree: unknown, change: (object: Plain) => unknown): unknown {
  if (Array.isArray(tree)) return tree.map((entry) => mapObjects(entry, change));
  if (!isPlain(tree)) return tree;
  return change(
    Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, mapObjects(value, change)])),
  );
}
