import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HISTORY_HOURS } from '../../horizon.ts';
import { minimise } from './minimise.ts';
import { forecastFrom, innovations, parametersOf, polynomialsOf, WEEK } from './model.ts';
import { stationary } from './polynomial.ts';

const parameters = (count: number) =>
  fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: count, maxLength: count });

describe('ARIMA', () => {
  it('is stationary whatever the search tries: every partial autocorrelation lies inside the unit circle', () => {
    fc.assert(
      fc.property(parameters(3), (free) => {
        let a = stationary(free);
        for (let order = free.length; order > 0; order--) {
          const partial = a.at(-1) ?? 1;
          expect(partial).toBeCloseTo(0.99 * Math.tanh(free[order - 1] ?? 0), 6);
          const longer = a;
          a = longer
            .slice(0, -1)
            .map((c, i) => (c + partial * (longer[order - 2 - i] ?? 0)) / (1 - partial * partial));
        }
      }),
    );
    const quiet = stationary([1, -0.5]);
    const x = [1];
    for (let t = 1; t < 200; t++) x.push(quiet.reduce((sum, c, i) => sum + c * (x[t - 1 - i] ?? 0), 0));
    expect(Math.abs(x.at(-1) ?? 1)).toBeLessThan(1e-6);
  });

  it('repeats last week where the load repeats it', () => {
    const order = { p: 2, q: 1 };
    const history = Array.from({ length: HISTORY_HOURS }, (_, i) => 100 + 7 * ((i * 31) % WEEK));
    const forecast = forecastFrom(history, polynomialsOf(order, [1, 0.2, 0.3, 0.1, 1]));
    expect([...forecast]).toEqual(history.slice(HISTORY_HOURS - WEEK, HISTORY_HOURS - WEEK + 48));
  });

  it('forecasts linearly in the history', () => {
    fc.assert(
      fc.property(parameters(parametersOf({ p: 1, q: 1 })), fc.nat(HISTORY_HOURS - 1), (free, at) => {
        const polynomials = polynomialsOf({ p: 1, q: 1 }, free);
        const impulse = new Float64Array(HISTORY_HOURS);
        impulse[at] = 1;
        const base = Float64Array.from(impulse, (_, i) => Math.sin(i / 5) * 10);
        const response = forecastFrom(impulse, polynomials);
        const both = forecastFrom(
          base.map((load, i) => load + 3 * (impulse[i] ?? 0)),
          polynomials,
        );
        forecastFrom(base, polynomials).forEach((load, i) => {
          expect(both[i]).toBeCloseTo(load + 3 * (response[i] ?? 0), 6);
        });
      }),
      { numRuns: 20 },
    );
  });

  it('has innovations that give the series back, and none where a load is missing', () => {
    const polynomials = polynomialsOf({ p: 1, q: 0 }, [0.5, 0, 0]);
    const [a = 0] = polynomials.autoregressive.coefficients;
    const x = Float64Array.from({ length: 100 }, (_, i) => Math.cos(i));
    x[50] = Number.NaN;
    const e = innovations(x, polynomials);
    expect(e[40]).toBeCloseTo(Math.cos(40) - a * Math.cos(39), 12);
    expect([e[50], e[51]]).toEqual([0, 0]);
    expect(e[52]).toBeCloseTo(Math.cos(52) - a * Math.cos(51), 12);
  });

  it('searches downhill to the bottom of a bent valley', () => {
    const rosenbrock = ([x = 0, y = 0]: readonly number[]): number =>
      (1 - x) ** 2 + 100 * (y - x * x) ** 2 + 1;
    const { x } = minimise(rosenbrock, [-1, 1], 1000);
    expect(x[0]).toBeCloseTo(1, 1);
    expect(x[1]).toBeCloseTo(1, 1);
  });
});
