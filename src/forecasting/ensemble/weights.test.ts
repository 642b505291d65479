import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemberName } from '../models/member.ts';
import { ensembleWeights, evidence } from './weights.ts';

const DOCUMENTED: MemberName[] = ['lstm', 'xgboost', 'prophet'];

describe('ensemble weights', () => {
  it('are exactly the priors without a backtest', () => {
    expect(ensembleWeights(DOCUMENTED, [], 0)).toEqual({ lstm: 0.4, xgboost: 0.35, prophet: 0.25 });
  });

  it('renormalise the priors over the models there are', () => {
    const weights = ensembleWeights(['xgboost', 'prophet', 'linear'], [], 0);
    expect(weights['xgboost']).toBeCloseTo(0.35 / 0.6);
    expect(weights['linear']).toBe(0);
  });

  it('move towards the inverse squared error as evidence grows', () => {
    const earned = [
      { name: 'linear', squaredError: 1 },
      { name: 'xgboost', squaredError: 4 },
    ] as const;
    const [few, many] = [1, 30].map((days) => ensembleWeights(['linear', 'xgboost'], earned, days));
    expect(evidence(0)).toBe(0);
    expect(few?.['linear']).toBeCloseTo(0.5 * 0.8);
    expect(many?.['linear']).toBeCloseTo((30 / 31) * 0.8);
  });

  it('are never negative and sum to 1, whatever was earned', () => {
    const names: MemberName[] = ['lstm', 'xgboost', 'prophet', 'linear', 'profile'];
    const errors = fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(errors, fc.nat(60), (found, days) => {
        const earned = names.map((name, i) => ({ name, squaredError: found[i] ?? 0 }));
        const weights = Object.values(ensembleWeights(names, earned, days));
        expect(weights.every((weight) => weight >= 0)).toBe(true);
        expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      }),
      { examples: [[[0, 0, 0, 5e-324, 0], 7]] },
    );
  });
});
