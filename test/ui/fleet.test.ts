import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { seedFleet } from '../../bench/support/fleet.ts';
import { bundleConsole } from '../../src/adapters/esbuild/bundle-console.ts';
import { type ServerUnderTest, startServer } from '../http/server-under-test.ts';
import { violations } from './accessibility.ts';
import { type Browser, browserMissing, startBrowser } from './browser.ts';
import { openAlert } from './site-story.ts';

const SITES = 10_000;
const pictures = fileURLToPath(new URL('../../.cache/screenshots', import.meta.url));

describe.skipIf(browserMissing)('the console’s fleet of 10,000 sites', () => {
  let browser: Browser;
  let server: ServerUnderTest;

  beforeAll(async () => {
    browser = await startBrowser();
    const console = await bundleConsole(fileURLToPath(new URL('../../web', import.meta.url)));
    server = await startServer({ overrides: { console } });
    const hour = new Date();
    hour.setUTCMinutes(0, 0, 0);
    await seedFleet(server.postgres, SITES, hour);
    await mkdir(pictures, { recursive: true });
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function open(path: string, options: BrowserContextOptions & { token?: string } = {}) {
    const { token = await server.token(), ...rest } = options;
    const opened = await browser.open({ locale: 'en-GB', timezoneId: 'America/Sao_Paulo', ...rest });
    onTestFinished(() => opened.context.close());
    opened.page.setDefaultTimeout(10_000);
    await opened.page.goto(`${server.url}/ui${path}#token=${token}`);
    return opened;
  }

  const row = (page: Page, systemId: string) => page.getByRole('row').filter({ hasText: systemId });

  it('draws only the rows in sight, wherever one scrolls to', async () => {
    const { page, complaints } = await open('');
    await page.getByText('10,000 sites').first().waitFor();
    await row(page, 'site-00001').waitFor();
    const list = page.getByRole('group', { name: 'Fleet' });
    for (const share of [0.5, 1]) {
      await list.evaluate((element, where) => element.scrollTo(0, element.scrollHeight * where), share);
      await row(page, share === 1 ? 'site-10000' : 'site-05000').waitFor();
      expect(await page.locator('.fleet tbody tr').count()).toBeLessThan(80);
    }
    expect(await row(page, 'site-10000').getAttribute('aria-rowindex')).toBe('10001');
    expect(complaints).toEqual([]);
  });

  it('filters with counts, sorts and searches, and keeps it in the address', async () => {
    const { page } = await open('');
    await page.getByRole('button', { name: /^Open alert\s*500$/ }).click();
    await page.getByText('500 sites').first().waitFor();
    await page.getByRole('button', { name: 'MAPE 7 d' }).click();
    await page.locator('th[aria-sort="descending"]').waitFor();
    await page.getByLabel('Search by site').fill('site-0002');
    await page.getByText('1 site', { exact: true }).first().waitFor();
    await row(page, 'site-00020').waitFor();
    const { searchParams } = new URL(page.url());
    expect(Object.fromEntries(searchParams)).toEqual({ state: 'open-alert', sort: 'mape', q: 'site-0002' });
    await page.reload();
    await page.getByText('1 site', { exact: true }).first().waitFor();
  });

  it('comes back to where it was left', async () => {
    const { page } = await open('');
    await row(page, 'site-00001').waitFor();
    const list = page.getByRole('group', { name: 'Fleet' });
    await list.evaluate((element) => element.scrollTo(0, 52 * 4_000));
    await row(page, 'site-04003').waitFor();
    await expect.poll(() => page.evaluate(() => history.state?.top), { timeout: 8_000 }).toBe(208_000);
    await row(page, 'site-04003').getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: /^Site/ }).waitFor();
    await page.goBack();
    await row(page, 'site-04003').waitFor();
  });

  it('shows what happens by itself, without moving the row under the pointer', async () => {
    const { page } = await open('?sort=alerts');
    await page.locator('.connection.live').waitFor();
    const before = page.locator('.fleet tbody tr:not(.space)').nth(3);
    const systemId = await before.getByRole('link').textContent();
    await before.hover();
    await openAlert(server, systemId ?? '', 'live-alert', 'daily-mape');
    await row(page, systemId ?? '')
      .getByText('2 open')
      .waitFor();
    expect(await before.getByRole('link').textContent()).toBe(systemId);
  });

  it.each([
    ['light', 'en-GB'],
    ['dark', 'pt-BR'],
  ] as const)(
    'breaks no rule of accessibility and fits every width (%s, %s)',
    async (colorScheme, locale) => {
      const { page } = await open('', { colorScheme, locale });
      await row(page, 'site-00001').waitFor();
      expect(await violations(page)).toEqual([]);
      for (const [width, height] of [
        [360, 780],
        [1280, 800],
        [1920, 1080],
      ] as const) {
        await page.setViewportSize({ width, height });
        const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        await expect.poll(overflow, { timeout: 8_000 }).toBeLessThanOrEqual(0);
        await page.screenshot({ path: `${pictures}/fleet-${width}-${colorScheme}.png` });
      }
    },
  );
});
