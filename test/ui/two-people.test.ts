import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bundleConsole } from '../../src/adapters/esbuild/bundle-console.ts';
import { registerSite, type ServerUnderTest, startServer } from '../http/server-under-test.ts';
import { appendKept, appendModel } from '../http/stories.ts';
import { type Browser, browserMissing, startBrowser } from './browser.ts';

const SITE = 'bess-456';

describe.skipIf(browserMissing)('the console between people, and between tokens', () => {
  let browser: Browser;
  let server: ServerUnderTest;

  beforeAll(async () => {
    browser = await startBrowser();
    const console = await bundleConsole(fileURLToPath(new URL('../../web', import.meta.url)));
    server = await startServer({ overrides: { console } });
    await registerSite(server, SITE);
    await server.call('POST', `/api/v1/systems/${SITE}/devices`, { token: await server.token() });
    for (const n of [1, 2]) {
      const artifact = await server.artifacts.put(new TextEncoder().encode(`version ${n}`));
      const story = { jobId: `job-${n}`, systemId: SITE, version: `1.${n}.0`, artifact };
      await appendModel(server.postgres.log, story);
      await appendKept(server.postgres.log, story);
    }
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function open(path: string, token: string) {
    const opened = await browser.open({ locale: 'en-GB' });
    onTestFinished(() => opened.context.close());
    opened.page.setDefaultTimeout(10_000);
    await opened.page.goto(`${server.url}/ui${path}#token=${token}`);
    return opened.page;
  }

  it('tells the second who restores that somebody else does, and replaces it only when that is wanted', async () => {
    const [first, second] = [
      await open(`/sites/${SITE}/models`, await server.token({ subject: 'person-1' })),
      await open(`/sites/${SITE}/models`, await server.token({ subject: 'person-2' })),
    ];
    await first.getByRole('button', { name: 'Restore version 1.1.0' }).click();
    await second.getByRole('button', { name: 'Restore version 1.2.0' }).click();
    await first.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
    await first.locator('.toast.good').getByText('Version 1.1.0 is offered').waitFor();
    await second.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
    const told = second.getByRole('dialog', { name: 'Somebody else is restoring a version' });
    await told.getByText('version 1.1.0 is being restored').waitFor();
    await told.getByRole('button', { name: 'Replace it' }).click();
    await second.locator('.toast.good').getByText('Version 1.2.0 is offered').waitFor();
  });

  it('asks for a new token when the page’s has expired, and finishes what was begun', async () => {
    const page = await open(`/sites/${SITE}`, await server.token({ ttlSeconds: 600 }));
    await page.getByRole('button', { name: 'Pause weekly trainings' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('the plant is rebuilt');
    const expired = await server.token({ ttlSeconds: -120 });
    await page.evaluate((token) => {
      location.hash = `token=${token}`;
    }, expired);
    await page.getByRole('dialog').getByRole('button', { name: 'Pause weekly trainings' }).click();
    const asked = page.getByRole('dialog', { name: 'A new token is needed' });
    await asked.getByLabel('Access token').fill(await server.token());
    await asked.getByRole('button', { name: 'Go on' }).click();
    await page.locator('.notice').getByText('the plant is rebuilt').waitFor();
    expect(await page.getByRole('button', { name: 'Resume weekly trainings' }).count()).toBe(1);
  });

  it('says that a site was decommissioned while its page was open', async () => {
    await registerSite(server, 'soon-gone');
    const page = await open('/sites/soon-gone', await server.token());
    await page.locator('.connection.live').waitFor();
    await page.getByRole('button', { name: 'Retrain' }).waitFor();
    await server.call('DELETE', '/api/v1/systems/soon-gone', { token: await server.token() });
    await page.getByRole('alert').getByText('There is no such site').waitFor();
    expect(await page.getByRole('button', { name: 'Retrain' }).count()).toBe(0);
  });
});
