import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numeric } from './numeric.ts';
import { winsByOperators } from './wins.ts';

const ROWS = 2;
const HOURS = 5;
const COLUMNS = 3;

/** Few different loads, so that hours often share the highest. */
const loads = (length: number) =>
  fc.array(fc.integer({ min: -2, max: 3 }), { minLength: length, maxLength: length });

describe('wins', () => {
  it('counts on numbers what the operators of a graph compute', () => {
    const flags = fc.array(fc.boolean(), { minLength: ROWS * HOURS, maxLength: ROWS * HOURS });
    const bar = fc.option(loads(ROWS), { nil: null });
    const check = fc.property(flags, loads(ROWS * HOURS * COLUMNS), bar, (isWithin, values, least) => {
      const within = numeric.constant(isWithin.map(Number), [ROWS, HOURS, 1]);
      const some = numeric.constant(values, [ROWS, HOURS, COLUMNS]);
      const atLeast = least === null ? null : numeric.constant(least, [ROWS, 1, 1]);
      expect(numeric.wins(within, some, atLeast)).toEqual(winsByOperators(numeric, within, some, atLeast));
    });
    fc.assert(check);
  });
});
