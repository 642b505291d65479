import fc from 'fast-check';
import type { ApiDocument } from './documented.ts';
import type { Call, ServerUnderTest } from './server-under-test.ts';

/** Calls made from the API document alone: what it allows, what it just does not, and what nobody would send. */

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: unknown }>> };
}

/** Which token goes with a call. */
type Bearer = 'all' | 'reader' | 'stranger' | 'none' | 'garbage';

export interface FuzzedCall {
  readonly method: string;
  readonly path: string;
  readonly bearer: Bearer;
  readonly call: Call;
}

/** Ids that exist in the world of the test, whose calls get further than to a 404. */
const KNOWN = ['bess-1', 'bess-2', 'job-1', 'dep-1', '1.0.0', 'training-job', 'JobDeployed', 'v1.0.0.onnx'];
const HOSTILE = [
  '..',
  '%00',
  '*',
  '>',
  "' or 1=1 --",
  '💥',
  '\u202e',
  '__proto__',
  '-1',
  '1e400',
  'null',
  '',
];

const anyText = fc.oneof(fc.constantFrom(...KNOWN, ...HOSTILE), fc.string({ maxLength: 300 }));

function ofSchema({ enum: choices, examples, minimum, maximum, maxLength }: Schema): fc.Arbitrary<string> {
  const likely = [
    ...(choices ?? []),
    ...(examples ?? []),
    ...[minimum, maximum].flatMap((edge) => (edge === undefined ? [] : [edge, edge - 1, edge + 1])),
    ...(maxLength === undefined ? [] : ['x'.repeat(Math.min(maxLength + 1, 9_000))]),
  ].map(String);
  return likely.length === 0
    ? anyText
    : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...likely) }, anyText);
}

type Fields = Readonly<Record<string, unknown>>;

/** A body as documented, with a field changed, one left out or one added; or anything. */
function bodyOf(example: unknown): fc.Arbitrary<unknown> {
  if (typeof example !== 'object' || example === null) return fc.jsonValue({ maxDepth: 3 });
  const fields = example as Fields;
  const name = fc.constantFrom(...Object.keys(fields), 'extra');
  const value = fc.oneof(
    fc.constantFrom<unknown>('bess-1', '', -1, 1e308, null, [], {}),
    fc.jsonValue({ maxDepth: 2 }),
  );
  return fc.oneof(
    fc.constant({ ...fields, ...('systemId' in fields ? { systemId: 'bess-1' } : {}) }),
    fc.tuple(name, value).map(([key, other]) => ({ ...fields, [key]: other })),
    name.map((key) => Object.fromEntries(Object.entries(fields).filter(([each]) => each !== key))),
    fc.jsonValue({ maxDepth: 3 }),
  );
}

function inside(operation: Operation, place: string): fc.Arbitrary<Record<string, string>> {
  const own = (operation.parameters ?? []).filter((parameter) => parameter.in === place);
  const each = Object.fromEntries(own.map(({ name, schema }) => [name, ofSchema(schema)]));
  return fc.record(each, { requiredKeys: place === 'path' ? Object.keys(each) : [] });
}

/** A segment of a path; an address that leads to another one by `..` never leaves the client. */
const asSegment = (text: string): string => encodeURIComponent(/^\.\.?$/.test(text) ? `${text}x` : text);

/** Headers can carry no more than this. */
const asHeader = (text: string): string => text.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, 4_000);

function callOf(method: string, template: string, operation: Operation): fc.Arbitrary<FuzzedCall> {
  const example = operation.requestBody?.content['application/json']?.example;
  return fc
    .record({
      path: inside(operation, 'path'),
      query: inside(operation, 'query'),
      headers: inside(operation, 'header'),
      body:
        operation.requestBody === undefined
          ? fc.constant(undefined)
          : fc.option(bodyOf(example), { nil: undefined }),
      bearer: fc.oneof(
        { weight: 6, arbitrary: fc.constant<Bearer>('all') },
        fc.constantFrom<Bearer>('reader', 'stranger', 'none', 'garbage'),
      ),
    })
    .map(({ path, query, headers, body, bearer }) => {
      const address = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => asSegment(path[name] ?? ''));
      const search = new URLSearchParams(query).toString();
      const sent = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, asHeader(text)]));
      return {
        ...{ method: method.toUpperCase(), path: search === '' ? address : `${address}?${search}`, bearer },
        call: { headers: sent, ...(body === undefined ? {} : { json: body }) },
      };
    });
}

/** The stream never ends by itself, and what a site is decommissioned from does not come back. */
const LEFT_OUT = new Set(['streamFacts', 'deleteSystem']);

/** Any call to any operation of the document. */
function anyCall(document: ApiDocument): fc.Arbitrary<FuzzedCall> {
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => [method, path, one as unknown as Operation] as const),
  );
  const wanted = calls.filter(([, , { operationId }]) => !LEFT_OUT.has(operationId));
  return fc.oneof(...wanted.map(([method, path, operation]) => callOf(method, path, operation)));
}

async function tokensOf(server: ServerUnderTest): Promise<Readonly<Record<Bearer, string | undefined>>> {
  return {
    all: await server.token(),
    reader: await server.token({ scopes: ['ml:read'], systems: ['bess-2'] }),
    stranger: await server.token({ tenant: 'umbrella' }),
    none: undefined,
    garbage: 'a.b.c',
  };
}

/** Makes `runs` calls; rejects with the smallest that was answered by 500 or in a way that is not documented. */
export async function fuzz(
  server: ServerUnderTest,
  document: ApiDocument,
  runs: number,
  seed?: number,
): Promise<void> {
  const tokens = await tokensOf(server);
  await fc.assert(
    fc.asyncProperty(anyCall(document), async ({ method, path, bearer, call }) => {
      const answer = await server.call(method, path, { ...call, token: tokens[bearer] });
      if (answer.status === 500) throw new Error(`${method} ${path}: ${answer.text}`);
    }),
    { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
  );
}
