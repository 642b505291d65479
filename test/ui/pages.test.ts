import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bundleConsole } from '../../src/adapters/esbuild/bundle-console.ts';
import { type ServerUnderTest, startServer } from '../http/server-under-test.ts';
import { violations } from './accessibility.ts';
import { type Browser, browserMissing, startBrowser } from './browser.ts';
import { openAlert, tellSite } from './site-story.ts';

const SITE = 'bess-456';
const pictures = fileURLToPath(new URL('../../.cache/screenshots', import.meta.url));

describe.skipIf(browserMissing)('the console’s pages', () => {
  let browser: Browser;
  let server: ServerUnderTest;

  beforeAll(async () => {
    browser = await startBrowser();
    const console = await bundleConsole(fileURLToPath(new URL('../../web', import.meta.url)));
    server = await startServer({ overrides: { console } });
    await tellSite(server, SITE);
    await mkdir(pictures, { recursive: true });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function open(path: string, options: BrowserContextOptions & { token?: string } = {}) {
    const { token = await server.token(), ...rest } = options;
    const opened = await browser.open({ locale: 'en-GB', timezoneId: 'America/Sao_Paulo', ...rest });
    onTestFinished(() => opened.context.close());
    opened.page.setDefaultTimeout(8_000);
    await opened.page.goto(`${server.url}/ui${path}#token=${token}`);
    return opened;
  }

  const confirm = (page: Page, name: string | RegExp) =>
    page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  const toast = (page: Page, text: string | RegExp) => page.locator('.toast').getByText(text).waitFor();

  it('shows what a site does: load, errors, models, flags and alerts', async () => {
    const { page, complaints } = await open(`/sites/${SITE}`);
    await page
      .getByRole('img', { name: /Load measured and forecast/ })
      .locator('canvas')
      .waitFor();
    await page.getByText('The numbers as a table').first().click();
    expect(await page.locator('.figures tbody tr').count()).toBeGreaterThan(7 * 24);
    expect(await page.locator('.heat .cell').count()).toBe(7 * 24);
    await page.getByText('in service').waitFor();
    await page.getByText('kiln').waitFor();
    await page.getByText('The same hours are wrong').waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows a site as it stood at an instant, by a link too', async () => {
    const before = new Date().toISOString();
    const { page } = await open(`/sites/${SITE}?at=${encodeURIComponent(before)}`);
    await page.getByText(/As it stood then, from \d+ facts/).waitFor();
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.getByRole('heading', { name: 'Now' }).waitFor();
    expect(page.url()).not.toContain('at=');
  });

  it('marks hours, pauses and resumes weekly trainings, and retrains after it was asked', async () => {
    const { page } = await open(`/sites/${SITE}`);
    await page.getByRole('button', { name: 'Mark hours' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('oven');
    await page
      .getByRole('dialog')
      .getByLabel(/Local hours/)
      .fill('8, 17-19');
    await confirm(page, 'Mark hours');
    await toast(page, /“oven”/);
    await page.getByText('08:00, 17:00, 18:00, 19:00').waitFor();
    await page.getByRole('button', { name: 'Pause weekly trainings' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('<b>the plant is rebuilt</b>');
    await confirm(page, 'Pause weekly trainings');
    await page.getByText('Weekly trainings are paused: <b>the plant is rebuilt</b>').waitFor();
    await page.getByRole('button', { name: 'Resume weekly trainings' }).click();
    await toast(page, 'trained weekly again');
    await page.getByRole('button', { name: 'Retrain', exact: true }).click();
    await confirm(page, 'Retrain');
    await page.getByRole('heading', { level: 1, name: /Training job/ }).waitFor();
  });

  it('shows no button that a token without scope could not use', async () => {
    const token = await server.token({ scopes: ['ml:read'] });
    const { page } = await open(`/sites/${SITE}`, { token });
    await page.getByText('The same hours are wrong').waitFor();
    for (const name of ['Retrain', 'Restore', 'Mark hours', 'Acknowledge', 'Silence'])
      expect(await page.getByRole('button', { name }).count()).toBe(0);
    await page.getByRole('link', { name: 'System health' }).click();
    await page.getByText('tokens with the scope “admin”').waitFor();
  });

  it('says that a site is gone', async () => {
    const { page } = await open('/sites/never-there');
    await page.getByRole('alert').getByText('There is no such site').waitFor();
  });

  it('compares versions side by side, kept in the address', async () => {
    const { page } = await open(`/sites/${SITE}/models`);
    await page.getByLabel('Compare 1.0.0').check();
    await page.getByLabel('Compare 1.2.0').check();
    await page.getByRole('heading', { name: 'Metrics of the backtest' }).waitFor();
    expect(new URL(page.url()).searchParams.get('versions')).toBe('1.0.0,1.2.0');
    await page.reload();
    await page.getByRole('heading', { name: 'Weights in the ensemble' }).waitFor();
  });

  it('says in the server’s words why a version cannot be restored', async () => {
    const { page } = await open(`/sites/${SITE}/models`);
    await page.getByRole('button', { name: 'Restore version 1.2.0' }).click();
    await confirm(page, 'Restore');
    await page.locator('.toast.bad').waitFor();
  });

  it('acknowledges an alert, silences a site, and hears of a new alert by itself', async () => {
    const { page } = await open('/alerts');
    await page.getByText('The same hours are wrong').waitFor();
    await page.locator('.connection.live').waitFor();
    await openAlert(server, SITE, 'second-alert', 'daily-mape');
    await expect.poll(() => page.locator('.alert').count(), { timeout: 8_000 }).toBe(2);
    await page.getByRole('button', { name: 'Silence' }).first().click();
    await page.getByRole('dialog').getByLabel('Reason').fill('the plant is rebuilt');
    await confirm(page, 'Silence');
    await toast(page, 'Silent until');
    await page.getByRole('heading', { name: 'Kept silent' }).waitFor();
    await page.getByRole('button', { name: 'Acknowledge', exact: true }).first().click();
    await confirm(page, 'Acknowledge');
    await expect.poll(() => page.locator('.alert').count(), { timeout: 8_000 }).toBe(1);
    await page.getByRole('button', { name: 'Acknowledged', exact: true }).click();
    expect(page.url()).toContain('status=acknowledged');
  });

  it('shows what waits, how far the feed is read and what was given up', async () => {
    const { page, complaints } = await open('/health');
    await page.getByText('database').waitFor();
    await page.getByText('Nothing was given up.').waitFor();
    await page.getByRole('heading', { name: 'Versions' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it.each([
    ['light', 'en-GB'],
    ['dark', 'pt-BR'],
  ] as const)(
    'breaks no rule of accessibility and fits every width (%s, %s)',
    async (colorScheme, locale) => {
      const pages = {
        site: `/sites/${SITE}`,
        models: `/sites/${SITE}/models?versions=1.0.0,1.2.0`,
        alerts: '/alerts?status=all',
        health: '/health',
      };
      const { page } = await open('/jobs', { colorScheme, locale });
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(`${server.url}/ui${path}`);
        await page.locator('.connection.live').waitFor();
        await expect
          .poll(() => page.getByText(/^(Loading|Carregando)…$/).count(), { timeout: 8_000 })
          .toBe(0);
        expect(await violations(page), name).toEqual([]);
        for (const [width, height] of [
          [360, 780],
          [1280, 800],
          [1920, 1080],
        ] as const) {
          await page.setViewportSize({ width, height });
          const overflow = () =>
            page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          await expect.poll(overflow, { timeout: 8_000, message: `${name} ${width}` }).toBeLessThanOrEqual(0);
          await page.screenshot({ path: `${pictures}/${name}-${width}-${colorScheme}.png`, fullPage: true });
        }
      }
    },
  );
});
