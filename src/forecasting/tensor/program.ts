import type { Algebra } from './algebra.ts';
import { broadcastShape, numeric, type Tensor, transposedShape } from './numeric.ts';

/** A value of a program with its shape; the number of rows is known only when it runs and stands as -1. */
export interface Traced {
  readonly id: number;
  readonly shape: readonly number[];
}

interface Step {
  readonly reads: readonly number[];
  readonly apply: (operands: readonly Tensor[]) => Tensor;
}

/** Computes named values of rows of input, as {@link numeric} does, to the last bit. */
export interface Program<Name extends string> {
  /** `input` is [rows × width], row-major. */
  run(input: Float32Array): Readonly<Record<Name, Tensor>>;
}

/** Rows computed at a time: few enough that what lies between two steps stays in the processor's cache. */
const BATCH = 32;

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('latin1');

/** Numbers of objects that are told apart by identity, such as boosters. */
function identities() {
  const known = new Map<object, number>();
  return (object: object): number => {
    const id = known.get(object) ?? known.size;
    known.set(object, id);
    return id;
  };
}

/** Steps in running order; one that is there already is not added again, and one of constants runs at once. */
function createSteps() {
  const steps: Step[] = [];
  const constants = new Map<number, Tensor>();
  const known = new Map<string, Traced>();

  const push = (shape: readonly number[], step: Step): Traced => {
    steps.push(step);
    return { id: steps.length - 1, shape };
  };
  const constant = (tensor: Tensor): Traced => {
    const key = `constant [${tensor.shape}] ${bytesOf(tensor.data)}`;
    const existing = known.get(key);
    if (existing !== undefined) return existing;
    const added = push(tensor.shape, { reads: [], apply: () => tensor });
    constants.set(added.id, tensor);
    known.set(key, added);
    return added;
  };
  return {
    steps,
    constants,
    push,
    constant,
    add(key: string, operands: readonly Traced[], shape: readonly number[], apply: Step['apply']): Traced {
      const reads = operands.map(({ id }) => id);
      const fixed = reads.map((id) => constants.get(id));
      if (fixed.every((tensor) => tensor !== undefined)) return constant(apply(fixed));
      const whole = `${key} (${reads})`;
      const existing = known.get(whole);
      if (existing !== undefined) return existing;
      const added = push(shape, { reads, apply });
      known.set(whole, added);
      return added;
    },
  };
}

type Steps = ReturnType<typeof createSteps>;

function tracing({ add, constant }: Steps, numbers: Algebra<Tensor>): Algebra<Traced> {
  const idOf = identities();
  type Binary = (a: Traced, b: Traced) => Traced;
  const binary = (key: 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min' | 'less' | 'equal'): Binary => {
    const operation = numbers[key];
    return (a, b) =>
      add(key, [a, b], broadcastShape(a.shape, b.shape), ([x, y]) => operation(x as Tensor, y as Tensor));
  };
  const unary = (key: string, x: Traced, shape: readonly number[], apply: (x: Tensor) => Tensor): Traced =>
    add(key, [x], shape, ([operand]) => apply(operand as Tensor));
  const product =
    (key: 'matmul' | 'sums'): Binary =>
    (x, y) =>
      add(key, [x, y], [...x.shape.slice(0, -1), y.shape[1] ?? 1], ([a, b]) =>
        numbers[key](a as Tensor, b as Tensor),
      );
  const without = (x: Traced, axis: number): number[] => x.shape.map((d, i) => (i === axis ? 1 : d));
  return {
    constant: (values, shape) => constant(numbers.constant(values, shape)),
    shapeOf: (x) => x.shape,
    reshape: (x, trailing) =>
      unary(`reshape [${trailing}]`, x, [-1, ...trailing], (t) => numbers.reshape(t, trailing)),
    take: (x, indices) =>
      unary(`take [${indices}]`, x, [...x.shape.slice(0, -1), indices.length], (t) =>
        numbers.take(t, indices),
      ),
    takeRows: (x, indices) =>
      unary(`rows [${indices}]`, x, [-1, indices.length, x.shape[2] ?? 1], (t) =>
        numbers.takeRows(t, indices),
      ),
    transpose: (x) => unary('transpose', x, transposedShape(x.shape), numbers.transpose),
    concat(xs) {
      const width = xs.reduce((sum, x) => sum + (x.shape.at(-1) ?? 1), 0);
      return add('concat', xs, [...(xs[0]?.shape.slice(0, -1) ?? []), width], (ts) => numbers.concat(ts));
    },
    add: binary('add'),
    sub: binary('sub'),
    mul: binary('mul'),
    div: binary('div'),
    max: binary('max'),
    min: binary('min'),
    less: binary('less'),
    equal: binary('equal'),
    abs: (x) => unary('abs', x, x.shape, numbers.abs),
    where: (condition, a, b) =>
      add(
        'where',
        [condition, a, b],
        broadcastShape(condition.shape, broadcastShape(a.shape, b.shape)),
        ([c, x, y]) => numbers.where(c as Tensor, x as Tensor, y as Tensor),
      ),
    matmul: product('matmul'),
    sums: product('sums'),
    sum: (x, axis) => unary(`sum ${axis}`, x, without(x, axis), (t) => numbers.sum(t, axis)),
    total: (x, axis) => unary(`total ${axis}`, x, without(x, axis), (t) => numbers.total(t, axis)),
    largest: (x, axis) => unary(`largest ${axis}`, x, without(x, axis), (t) => numbers.largest(t, axis)),
    wins: (days, values, { atLeast, counted }) =>
      add(
        `wins ${atLeast === null}`,
        [days, values, ...[atLeast, counted].filter((operand) => operand !== null)],
        [...values.shape.slice(0, -1), 1],
        ([a, b, c = null, d = null]) =>
          numbers.wins(
            a as Tensor,
            b as Tensor,
            atLeast === null ? { atLeast, counted: c } : { atLeast: c, counted: d },
          ),
      ),
    each: (inputs, compute) => inputs.map(compute),
    trees: (x, booster) => unary(`trees ${idOf(booster)}`, x, [-1, 1], (t) => numbers.trees(t, booster)),
    lstm: (x, weights) =>
      unary(`lstm ${idOf(weights)}`, x, [-1, weights.units], (t) => numbers.lstm(t, weights)),
  };
}

/** Values that the outputs need, each with the last step that reads it; an output is never read for the last time. */
function lastReaders(steps: readonly Step[], outputs: readonly number[]): Map<number, number> {
  const last = new Map<number, number>(outputs.map((id) => [id, steps.length]));
  for (let id = steps.length - 1; id >= 0; id--) {
    if (!last.has(id)) continue;
    for (const read of steps[id]?.reads ?? []) last.set(read, last.get(read) ?? id);
  }
  return last;
}

/** The steps that the outputs need, each with the values that nothing reads after it. */
function schedule({ steps, constants }: Steps, outputs: readonly number[]) {
  const last = lastReaders(steps, outputs);
  return steps.flatMap((step, id) => {
    if (!last.has(id) || constants.has(id)) return [];
    const done = step.reads.filter((read) => last.get(read) === id && !constants.has(read));
    return [{ id, ...step, done }];
  });
}

const joined = (parts: readonly Tensor[]): Tensor => {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  return { shape: [rows, ...(first?.shape.slice(1) ?? [])], data };
};

/**
 * Writes a computation down once, with whatever it computes twice computed once, to be run on rows a few at a time:
 * models share most of their features, and {@link numeric} would work each out for every model that asks.
 */
export function createProgram<Name extends string>(
  width: number,
  define: <T>(g: Algebra<T>, input: T) => Readonly<Partial<Record<Name, T>>>,
  numbers: Algebra<Tensor> = numeric,
): Program<Name> {
  const steps = createSteps();
  const input = steps.push([-1, width], {
    reads: [],
    apply: () => {
      throw new RangeError('the input has no step');
    },
  });
  const outputs = Object.entries(define(tracing(steps, numbers), input)) as [Name, Traced][];
  const order = schedule(
    steps,
    outputs.map(([, { id }]) => id),
  ).filter(({ id }) => id !== input.id);

  function runBatch(rows: Float32Array): Map<number, Tensor> {
    const values = new Map(steps.constants);
    values.set(input.id, { shape: [rows.length / width, width], data: rows });
    for (const { id, reads, apply, done } of order) {
      values.set(id, apply(reads.map((read) => values.get(read) as Tensor)));
      for (const read of done) values.delete(read);
    }
    return values;
  }

  return {
    run(rows) {
      const batches: Map<number, Tensor>[] = [];
      for (let at = 0; at < rows.length; at += BATCH * width) {
        const values = runBatch(rows.subarray(at, at + BATCH * width));
        batches.push(new Map(outputs.map(([, { id }]) => [id, values.get(id) as Tensor])));
      }
      return Object.fromEntries(
        outputs.map(([name, { id }]) => [name, joined(batches.map((values) => values.get(id) as Tensor))]),
      ) as Record<Name, Tensor>;
    },
  };
}
