import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Trainer } from '../../src/ports/trainer.ts';
import { createQuickTrainer } from '../e2e/quick-trainer.ts';
import { createWorld, type E2eWorld } from '../e2e/world.ts';
import { violations } from './accessibility.ts';
import { type Browser, browserMissing, startBrowser } from './browser.ts';
import { at } from './machine-console.ts';

/** Trains at once, but only while it is not held; until then it shows how far two models are. */
function createHeldTrainer() {
  const quick = createQuickTrainer();
  let gate = Promise.withResolvers<void>();
  const trainer: Trainer = {
    async train(request, onProgress, signal) {
      onProgress({ stage: 'fit', model: 'lstm', share: 0.4 });
      onProgress({ stage: 'fit', model: 'xgboost', share: 0.9 });
      signal.addEventListener('abort', () => gate.reject(signal.reason), { once: true });
      await gate.promise;
      return quick.train(request, onProgress, signal);
    },
    close: quick.close,
  };
  return {
    trainer,
    release: () => gate.resolve(),
    hold: () => {
      gate = Promise.withResolvers<void>();
    },
  };
}

describe.skipIf(browserMissing)('the page of a job while it trains', () => {
  const { trainer, release, hold } = createHeldTrainer();
  let world: E2eWorld;
  let browser: Browser;

  beforeAll(async () => {
    browser = await startBrowser();
    world = await createWorld({ wrapTrainer: () => trainer });
    await world.addSite('bess-456');
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  async function open(path: string, token = world.token) {
    const opened = await browser.open({ locale: 'en-GB' });
    onTestFinished(() => opened.context.close());
    await opened.page.goto(`${world.cloud.url}/ui${path}#token=${token}`);
    return opened;
  }

  it('shows its models, its decision and its log, and trains again when asked', async () => {
    const jobId = await world.retrain('bess-456');
    const { page, complaints } = await open(`/jobs/${jobId}`);
    await at(page, 'training');
    await page.getByText('lstm · fit').waitFor();
    await page.locator('.log').getByText('attempt 1').waitFor();
    expect(await violations(page)).toEqual([]);
    release();
    await at(page, 'kept');
    await page.getByText('The new model is kept, not deployed: the site has no device.').waitFor();
    await page.locator('.conditions [data-guard="no-obstacle"].fails').first().waitFor();
    await page.locator('.conditions [data-guard="below-target"].holds').first().waitFor();
    await page.getByRole('row', { name: /^profile trained 100%/ }).waitFor();
    await page.getByRole('button', { name: 'Train again' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Train again' }).click();
    await expect.poll(() => page.url()).not.toContain(jobId);
    await at(page, 'kept');
    expect(complaints).toEqual([]);
  });

  it('has no button that the token does not allow', async () => {
    const jobId = await world.retrain('bess-456');
    const token = await world.cloud.tokens.issue({
      ...{ subject: 'reader', tenant: 'acme', ttlSeconds: 600 },
      scopes: ['ml:read'],
    });
    const { page } = await open(`/jobs/${jobId}`, token);
    await at(page, 'kept');
    expect(await page.getByRole('button', { name: 'Train again' }).count()).toBe(0);
  });

  it('cancels the training when asked, and says why', async () => {
    hold();
    const { page } = await open(`/jobs/${await world.retrain('bess-456')}`);
    await at(page, 'training');
    await page.getByRole('button', { name: 'Cancel the training' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('maintenance of the meter');
    await dialog.getByRole('button', { name: 'Cancel the training' }).click();
    await at(page, 'cancelled');
    await page.locator('.log').getByText('maintenance of the meter').waitFor();
    expect(await page.getByRole('button', { name: 'Cancel the training' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Train again' }).waitFor();
  });
});
