import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayReport } from '../../src/report/replay/replay-report.ts';
import { type Browser, browserMissing, startBrowser } from './browser.ts';
import { replayedReport } from './replayed-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'lifo4-ml-replay-report-'));
const file = join(folder, 'replay.html');

describe.skipIf(browserMissing)('the report of a replay in a browser', () => {
  let browser: Browser;

  beforeAll(async () => {
    writeFileSync(file, replayReport(replayedReport()));
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['light', 'dark'] as const)('opens offline without a complaint, %s', async (colorScheme) => {
    const { context, page, complaints } = await browser.open({ colorScheme, offline: true });
    await page.goto(`file://${file}`);
    expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual([
      ...['Accuracy by week', 'Forecast against actual', 'What was decided', 'Alerts'],
      ...['What an operator would have seen', 'How it was made'],
    ]);
    expect(await page.getByRole('navigation', { name: 'Week' }).count()).toBe(1);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('fits a phone', async () => {
    const { context, page } = await browser.open({ viewport: { width: 360, height: 740 } });
    await page.goto(`file://${file}`);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await context.close();
  });
});
