import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { bundleConsole } from '../../src/adapters/esbuild/bundle-console.ts';
import { siteWithNewerVersion } from '../http/newer-version.ts';
import { type ServerUnderTest, startServer } from '../http/server-under-test.ts';
import { type Browser, browserMissing, startBrowser } from './browser.ts';

/** Rollouts in the console, on the real server and log. */

const ROLLOUTS = '/api/v1/rollouts';

describe.skipIf(browserMissing)('rollouts in the console', () => {
  let browser: Browser;
  let server: ServerUnderTest;

  beforeAll(async () => {
    browser = await startBrowser();
    const console = await bundleConsole(fileURLToPath(new URL('../../web', import.meta.url)));
    server = await startServer({ overrides: { console } });
    for (const systemId of ['bess-1', 'bess-2']) await siteWithNewerVersion(server, systemId);
    const token = await server.token();
    await vi.waitFor(async () => {
      const plan = await server.call('POST', ROLLOUTS, { token, json: { dryRun: true } });
      expect((plan.body as { readonly sites: readonly unknown[] }).sites).toHaveLength(2);
    }, 20_000);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function open(path: string, locale: string, wishes = {}): Promise<Page> {
    const opened = await browser.open({ locale });
    onTestFinished(() => opened.context.close());
    await opened.page.goto(`${server.url}/ui${path}#token=${await server.token(wishes)}`);
    await opened.page.locator('.connection.live').waitFor();
    return opened.page;
  }

  async function answer(page: Page, button: string, label: string): Promise<void> {
    await page.getByRole('button', { name: button, exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(label).fill('the plant is rebuilt');
    await dialog.getByRole('button', { name: button, exact: true }).click();
  }

  it('are listed as they begin, and paused, resumed and aborted with a reason', {
    timeout: 60_000,
  }, async () => {
    const page = await open('/rollouts', 'en-GB');
    await page.getByText('No rollout yet.').waitFor();
    const json = { note: 'trained with prices', window: { fromHour: 1, toHour: 5 } };
    await server.call('POST', ROLLOUTS, { token: await server.token(), json });
    await page.getByRole('link', { name: 'trained with prices' }).click();
    await page
      .getByRole('row', { name: /bess-1/ })
      .getByText('waiting')
      .waitFor();
    const state = (name: string) =>
      page.locator(`.drawing .state.current[data-state="${name}"]`).waitFor({ state: 'attached' });
    await state('rolling');
    await answer(page, 'Pause', 'Reason');
    await state('paused');
    await page.getByText('the plant is rebuilt').first().waitFor();
    await answer(page, 'Resume', 'Reason');
    await state('rolling');
    await answer(page, 'Abort', 'Reason');
    await state('reverting');
    await page.getByRole('button', { name: 'Pause' }).waitFor({ state: 'detached' });
  });

  it('speak Portuguese, and show no button to who may not use it', async () => {
    const page = await open('/rollouts', 'pt-BR', { scopes: ['ml:read'] });
    await page.getByRole('heading', { level: 1, name: 'Distribuições' }).waitFor();
    await page.getByRole('link', { name: 'trained with prices' }).click();
    await page.getByText('Recebe').waitFor();
    expect(await page.getByRole('button', { name: /Pausar|Abortar/ }).count()).toBe(0);
  });
});
