import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSiteCalendar } from '../../src/forecasting/calendar/site-calendar.ts';
import type { ForecastDays, NamedScores } from '../../src/forecasting/details.ts';
import { DEFAULT_TARGET, judge } from '../../src/forecasting/gate.ts';
import { type TrainingReport, trainingReport } from '../../src/report/training-report.ts';
import { type Browser, browserMissing, startBrowser } from './browser.ts';

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 0, 5, 3);
const calendar = createSiteCalendar({ zone: 'America/Sao_Paulo', ibgeCode: null });
const metrics = {
  ...{ mape: 0.05, wape: 0.05, rmse: 20, mase: 0.6, coverage90: 0.9, mape24h: 0.04, mape48h: 0.06 },
  ...{ hours: 240, excludedHours: 0 },
};

/** Five days with a gap in what was measured, and no band on the first. */
function days(): ForecastDays {
  const origins = Array.from({ length: 5 }, (_, i) => START + i * 24 * HOUR_MS);
  const at = (i: number): number => 300 + 100 * Math.sin(((i % 24) * Math.PI) / 12);
  const column = (value: (i: number) => number): Float64Array =>
    Float64Array.from({ length: origins.length * 48 }, (_, i) => value(i));
  return {
    origins,
    actual: column((i) => (i > 60 && i < 70 ? Number.NaN : at(i) + (i % 7))),
    forecast: column(at),
    lower: column((i) => (i < 48 ? Number.NaN : at(i) - 20)),
    upper: column((i) => (i < 48 ? Number.NaN : at(i) + 20)),
  };
}

const named = (model: NamedScores['model'], role: NamedScores['role']): NamedScores => ({
  model,
  role,
  scores: { both: metrics, first: metrics, second: null },
});

const report = (changes: Partial<TrainingReport> = {}): TrainingReport => ({
  systemId: 'plant-7',
  version: '1.0.0',
  modelType: 'ensemble',
  seed: 1,
  place: 'America/Sao_Paulo',
  calendar,
  source: 'plant.csv',
  window: {
    from: START - 60 * 24 * HOUR_MS,
    to: START + 6 * 24 * HOUR_MS,
    hours: 1584,
    filledHours: 2,
    missingHours: 9,
  },
  findings: ['Gaps of up to 6 h, filled: one.'],
  metrics,
  verdict: judge({
    metric: 'mape',
    target: DEFAULT_TARGET,
    challenger: metrics,
    seasonalNaive: { mape: 0.07, wape: 0.07 },
    comparison: null,
    forceRedeploy: false,
  }),
  models: [
    named('ensemble', 'chosen'),
    { ...named('linear', 'member'), weight: 1 },
    named('naive168', 'baseline'),
  ],
  failures: [],
  details: {
    days: days(),
    models: [],
    grid: { absolute: new Float64Array(24 * 48).fill(3), actual: new Float64Array(24 * 48).fill(100) },
  },
  importance: [{ group: 'Load of the last 24 hours', increase: 0.02 }],
  dataHash: 'sha256:1',
  artifactHash: 'sha256:2',
  artifactBytes: 300_000,
  cpuSeconds: 9,
  ...changes,
});

describe('the report of a training', () => {
  it('names every picture, has a table beside it, and loads nothing', () => {
    const page = trainingReport(report());
    const pictures = page.match(/<svg /g) ?? [];
    expect(pictures).toHaveLength(9);
    expect(page.match(/<title id=/g)).toHaveLength(pictures.length);
    expect(page).not.toMatch(/(src|href)=|https?:|NaN|undefined|Infinity/);
    expect(page).toContain('default-src &#39;none&#39;');
    expect(page).toContain('The gate would deploy it: MAPE 5.00 %, under the target 8 %');
  });

  it('shows hostile names as text', () => {
    const hostile = '<script>alert(1)</script>"&';
    const page = trainingReport(report({ source: hostile, findings: [hostile] }));
    expect(page).not.toContain('<script>alert');
    expect(page.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;&quot;&amp;/g)).toHaveLength(2);
  });
});

describe.skipIf(browserMissing)('the report in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lifo4-ml-report-'));
  const file = join(folder, 'report.html');
  let browser: Browser;
  beforeAll(async () => {
    writeFileSync(file, trainingReport(report()));
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([360, 1280])('fits a screen of %i px, and pages through the days', async (width) => {
    const { context, page, complaints } = await browser.open({ viewport: { width, height: 800 } });
    await page.goto(`file://${file}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0);
    const shown = page.locator('.days figure:visible');
    expect(await shown.count()).toBe(1);
    expect(await shown.getAttribute('data-day')).toBe('Fri 9 Jan');
    await page.getByRole('button', { name: 'Earlier' }).click();
    expect(await shown.getAttribute('data-day')).toBe('Thu 8 Jan');
    expect(await page.getByRole('img', { name: 'Forecast and actual load', exact: true }).isVisible()).toBe(
      true,
    );
    expect(complaints).toEqual([]);
    await context.close();
  });
});
