import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bundleConsole } from '../../src/adapters/esbuild/bundle-console.ts';
import { type ServerUnderTest, startServer } from '../http/server-under-test.ts';
import { violations } from './accessibility.ts';
import { type Browser, browserMissing, startBrowser } from './browser.ts';

describe.skipIf(browserMissing)('the console’s frame', () => {
  let browser: Browser;
  let server: ServerUnderTest;

  beforeAll(async () => {
    browser = await startBrowser();
    const console = await bundleConsole(fileURLToPath(new URL('../../web', import.meta.url)));
    server = await startServer({ overrides: { console } });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function open(path: string, token: string, options: BrowserContextOptions = {}) {
    const opened = await browser.open({ locale: 'en-GB', ...options });
    onTestFinished(() => opened.context.close());
    await opened.page.goto(`${server.url}/ui${path}#token=${token}`);
    await opened.page.locator('.connection').filter({ hasText: /./ }).waitFor();
    return opened;
  }

  it('speaks the language and wears the colours that were chosen, at the next visit too', async () => {
    const { page, complaints } = await open('/health', await server.token());
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel('Language').selectOption('Português');
    await page.getByLabel('Aparência').selectOption('Escuro');
    await page.getByRole('heading', { level: 1, name: 'Saúde do sistema' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Saúde do sistema' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('pt-BR');
    expect(await page.title()).toBe('Saúde do sistema · lifo4-ml');
    expect(await page.evaluate(() => getComputedStyle(document.body).colorScheme)).toBe('dark');
    expect(complaints).toEqual([]);
  });

  it('keeps the page while it asks for a new token, and goes on where it was', async () => {
    const { page } = await open('/jobs', await server.token());
    await page.getByText('No training job yet.').waitFor();
    await page.evaluate(() => {
      sessionStorage.setItem('lifo4-ml-token', 'outdated');
    });
    await page.reload();
    const dialog = page.getByRole('dialog', { name: 'A new token is needed' });
    await dialog.waitFor();
    expect(await violations(page)).toEqual([]);
    await dialog.getByLabel('Access token').fill(await server.token());
    await dialog.getByRole('button', { name: 'Go on' }).click();
    await page.locator('.connection.live').waitFor();
    await page.getByText('No training job yet.').waitFor();
    expect(await dialog.count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)('breaks no rule of accessibility (%s)', async (colorScheme) => {
    const { page } = await open('/health', await server.token(), { colorScheme });
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Settings' }).click();
    expect(await violations(page)).toEqual([]);
  });

  it('leads to the content past the navigation', async () => {
    const { page } = await open('/jobs', await server.token());
    await page.getByRole('heading', { level: 1, name: 'Training jobs' }).waitFor();
    await page.getByRole('link', { name: 'Skip to the content' }).press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    await page.getByRole('link', { name: 'Fleet' }).click();
    await page.getByRole('heading', { level: 1, name: 'Fleet' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
  });

  it('offers to load again when the scripts of a page are gone', async () => {
    const { page } = await open('/jobs', await server.token());
    await page.route('**/ui/assets/*', (route) => route.fulfill({ status: 404 }));
    await page.getByRole('link', { name: 'System health' }).click();
    await page.getByRole('alert').getByText('The console was updated').waitFor();
    await page.unroute('**/ui/assets/*');
    await page.getByRole('button', { name: 'Load again' }).click();
    await page.getByRole('heading', { level: 1, name: 'System health' }).waitFor();
  });
});
