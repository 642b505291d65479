import { describe, expect, it } from 'vitest';
import { fitProphet } from './stan.ts';

describe('the fit of Prophet', () => {
  const time = Array.from({ length: 240 }, (_, i) => i / 239);
  const regressors = time.map((_, i) => [Math.sin((2 * Math.PI * i) / 24), Math.cos((2 * Math.PI * i) / 24)]);
  // Half a percent of wobble, so that the noise has a scale.
  const wobble = (i: number): number => (((i * 7919) % 13) - 6) / 1200;

  it('finds the seasonality and where a trend that turned ends', async () => {
    const trend = time.map((t) => 0.3 + 0.2 * t + (t > 0.48 ? 0.6 * (t - 0.48) : 0));
    const load = time.map((_, i) => {
      const [sin = 0, cos = 0] = regressors[i] ?? [];
      return (trend[i] ?? 0) + 0.1 * sin - 0.05 * cos + wobble(i);
    });
    const fit = await fitProphet({ load, time, regressors });
    expect(fit.beta[0]).toBeCloseTo(0.1, 2);
    expect(fit.beta[1]).toBeCloseTo(-0.05, 2);
    expect(fit.trendAtEnd).toBeCloseTo(trend.at(-1) ?? 0, 1);
    expect(await fitProphet({ load, time, regressors })).toEqual(fit);
  });

  it('says so when there is nothing to fit', async () => {
    const load = time.map(() => Number.NaN);
    await expect(fitProphet({ load, time, regressors })).rejects.toThrow();
  });
});
