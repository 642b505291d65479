import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGraphRunner } from '../../adapters/onnxruntime/graph-runner.ts';
import { createGraph } from '../onnx/graph.ts';
import { graphAlgebra } from './graph.ts';
import { numeric } from './numeric.ts';

const ROWS = 2;
const HOURS = 5;
const COLUMNS = 3;
const DAYS = 3;

/** Few different loads, so that hours often share the highest. */
const loads = (length: number) =>
  fc.array(fc.integer({ min: -2, max: 3 }), { minLength: length, maxLength: length });

/** The day of each hour; those beyond the last are of none. */
const daysOfHours = fc.array(fc.integer({ min: 0, max: DAYS }), {
  minLength: ROWS * HOURS,
  maxLength: ROWS * HOURS,
});

const shapes = {
  days: [ROWS, HOURS, DAYS],
  values: [ROWS, HOURS, COLUMNS],
  atLeast: [ROWS, 1, 1],
  counted: [ROWS, HOURS, COLUMNS],
} as const;
type Operand = keyof typeof shapes;

/** The operators of a graph, on a runtime. */
async function openWins(given: readonly Operand[]) {
  const graph = createGraph({ name: 'wins', producerName: 'test', producerVersion: '1' });
  const g = graphAlgebra(graph);
  const operand = (name: Operand) => {
    const [, ...sizes] = shapes[name];
    return { value: graph.input(name, 'float32', ['N', ...sizes]), shape: [-1, ...sizes] };
  };
  const option = (name: Operand) => (given.includes(name) ? operand(name) : null);
  const options = { atLeast: option('atLeast'), counted: option('counted') };
  graph.output('wins', g.wins(operand('days'), operand('values'), options).value, 'float32', ['N', HOURS, 1]);
  return createGraphRunner()(graph.encode());
}

describe('wins', () => {
  it.each<{ given: Operand[] }>([
    { given: [] },
    { given: ['atLeast'] },
    { given: ['counted'] },
    { given: ['atLeast', 'counted'] },
  ])('count on numbers what the operators of a graph compute, given $given', async ({ given }) => {
    const running = await openWins(given);
    const check = fc.asyncProperty(
      daysOfHours,
      loads(ROWS * HOURS * COLUMNS),
      loads(ROWS),
      loads(ROWS * HOURS * COLUMNS),
      async (days, values, atLeast, counted) => {
        const oneHot = days.flatMap((day) => Array.from({ length: DAYS }, (_, i) => Number(i === day)));
        const all = { days: oneHot, values, atLeast, counted };
        const tensor = (name: Operand) => numeric.constant(all[name], shapes[name]);
        const option = (name: Operand) => (given.includes(name) ? tensor(name) : null);
        const options = { atLeast: option('atLeast'), counted: option('counted') };
        const own = numeric.wins(tensor('days'), tensor('values'), options);
        const names: Operand[] = ['days', 'values', ...given];
        const inputs = Object.fromEntries(names.map((name) => [name, tensor(name)]));
        const { wins = new Float32Array() } = await running.run(inputs);
        expect(own.shape).toEqual([ROWS, HOURS, 1]);
        wins.forEach((value, i) => {
          expect(value).toBeCloseTo(own.data[i] ?? Number.NaN, 5);
        });
      },
    );
    await fc.assert(check);
    await running.close();
  });
});
