import type { TSchema } from 'typebox';
import {
  ArtifactRef,
  Instant,
  LocalDate,
  ModelVersion,
  OpaqueId,
  Sha256,
  SystemId,
} from '../events/values.ts';

/** The fields of a fact's schema, those of objects within it by their path. */

export interface Field {
  /** `dataSet.hours`, `members[].weight`; with `?` where it may be absent. */
  readonly path: string;
  readonly type: string;
  readonly meaning: string;
}

/** What JSON Schema says of a value, as far as facts use it. */
interface Shape {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly pattern?: string;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

const patternOf = (schema: TSchema): string => (schema as Shape).pattern ?? '';

/** Strings of a form that has a name. */
const NAMED: ReadonlyMap<string, string> = new Map([
  [patternOf(SystemId), 'site id'],
  [patternOf(OpaqueId), 'id'],
  [patternOf(Instant), 'instant'],
  [patternOf(LocalDate), 'local day'],
  [patternOf(Sha256), 'SHA-256'],
  [patternOf(ModelVersion), 'version'],
]);
const FILE = JSON.stringify(Object.keys((ArtifactRef as Shape).properties ?? {}));

const isFile = ({ properties }: Shape): boolean => JSON.stringify(Object.keys(properties ?? {})) === FILE;

function bounded(type: string, { minimum, exclusiveMinimum, maximum }: Shape): string {
  if (minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER)
    return `${type} ${minimum} to ${maximum}`;
  if (exclusiveMinimum !== undefined) return `${type} > ${exclusiveMinimum}`;
  return minimum === undefined ? type : `${type} ≥ ${minimum}`;
}

function plainTypeOf(shape: Shape): string {
  if (shape.type === 'object') return isFile(shape) ? 'file (`checksum`, `size`)' : 'object';
  if (shape.type === 'string') return NAMED.get(shape.pattern ?? '') ?? 'text';
  return bounded(shape.type ?? 'anything', shape);
}

function typeOf(shape: Shape): string {
  if (shape.enum !== undefined) return shape.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (shape.anyOf !== undefined) return shape.anyOf.map(typeOf).join(' or ');
  return shape.items === undefined ? plainTypeOf(shape) : `list of ${typeOf(shape.items)}`;
}

/** The object that a field holds, itself, as an item of its list or beside null; null for plain values. */
function within(shape: Shape): { readonly object: Shape; readonly suffix: string } | null {
  if (shape.properties !== undefined) return isFile(shape) ? null : { object: shape, suffix: '' };
  if (shape.items !== undefined) {
    const inner = within(shape.items);
    return inner && { object: inner.object, suffix: `[]${inner.suffix}` };
  }
  const found = (shape.anyOf ?? []).map(within).find((inner) => inner !== null);
  return found ?? null;
}

/** What is said of the field, or else of the object that it holds. A site's id needs no words. */
function meaningOf(shape: Shape): string {
  if (shape.pattern === patternOf(SystemId)) return '';
  return shape.description ?? within(shape)?.object.description ?? '';
}

function fieldOf(path: string, shape: Shape, before: string | undefined): Field {
  const like = before === undefined ? '' : `Fields as those of \`${before}\`.`;
  return { path, type: typeOf(shape), meaning: [meaningOf(shape), like].filter(Boolean).join(' ') };
}

/** A field, and those of the object that it holds: those of a form that was shown already are not shown again. */
function withInner(path: string, mark: string, shape: Shape, shown: Map<string, string>): readonly Field[] {
  const inner = within(shape);
  if (inner === null) return [fieldOf(`${path}${mark}`, shape, undefined)];
  const form = JSON.stringify(inner.object.properties);
  const before = shown.get(form);
  const field = fieldOf(`${path}${mark}`, shape, before);
  if (before !== undefined) return [field];
  shown.set(form, `${path}${inner.suffix}`);
  return [field, ...walk(inner.object, `${path}${inner.suffix}.`, shown)];
}

function walk(object: Shape, prefix: string, shown: Map<string, string>): readonly Field[] {
  const { properties = {}, required = [] } = object;
  return Object.entries(properties).flatMap(([name, shape]) =>
    withInner(`${prefix}${name}`, required.includes(name) ? '' : '?', shape, shown),
  );
}

/** Every field of the schema of a fact's data, in the order of the schema. */
export const fieldsOf = (schema: TSchema): readonly Field[] => walk(schema as Shape, '', new Map());
