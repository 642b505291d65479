import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Browser, browserMissing, startBrowser } from './browser.ts';
import { type Prepared, prepare, startFixture } from './fixture-server.ts';
import type { ConsoleUnderTest } from './subject.ts';

const pictures = fileURLToPath(new URL('../../.cache/screenshots', import.meta.url));

let browser: Browser;
let prepared: Prepared;
let subject: ConsoleUnderTest;

async function open(path: string, options: BrowserContextOptions = {}) {
  const opened = await browser.open({ locale: 'en-GB', ...options });
  onTestFinished(() => opened.context.close());
  await opened.page.goto(`${subject.url}/ui${path}#token=${subject.token}`);
  return opened;
}

const drawn = (page: Page, selector: string) => page.locator(`.drawing ${selector}`);
const currentState = (page: Page, state: string) =>
  drawn(page, `.state.current[data-state="${state}"]`).waitFor({ state: 'attached' });
const live = (page: Page) => page.locator('.connection.live').waitFor();

describe.skipIf(browserMissing)('the console in a browser', () => {
  beforeAll(async () => {
    browser = await startBrowser();
    prepared = await prepare();
    await mkdir(pictures, { recursive: true });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    subject = await startFixture(prepared);
    return () => subject.stop();
  });

  it('asks for a token, takes one by hand, and keeps it out of the address', async () => {
    const { page, context } = await browser.open({ locale: 'en-GB' });
    onTestFinished(() => context.close());
    await page.goto(`${subject.url}/ui/jobs`);
    await page.getByLabel('Access token').fill(subject.token);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('link', { name: subject.jobId, exact: true }).waitFor();
    await page.goto(`${subject.url}/ui/jobs/${subject.jobId}#token=${subject.token}`);
    await page.getByRole('heading', { level: 1, name: subject.jobId }).waitFor();
    expect(page.url()).toBe(`${subject.url}/ui/jobs/${subject.jobId}`);
  });

  it('leads from the list of jobs to a job by keyboard', async () => {
    const { page } = await open('/jobs');
    await page.getByRole('link', { name: subject.jobId, exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: subject.jobId }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Training jobs' }).waitFor();
  });

  it('shows where a job stands and follows it live to its end', async () => {
    const { page, complaints } = await open(`/jobs/${subject.jobId}`);
    await currentState(page, 'training');
    await page.getByText('xgboost · fit').waitFor();
    expect(await drawn(page, '.transition.last').count()).toBe(1);
    expect(await drawn(page, '.transition.taken').count()).toBe(1);
    expect(await drawn(page, '.transition.possible').count()).toBe(3);
    await live(page);
    for (const state of ['evaluated', 'deployed', 'acked']) {
      expect(await subject.advance()).toBe(state);
      await currentState(page, state);
    }
    await page.locator('.log > li').nth(4).waitFor();
    await page.getByRole('img', { name: /Load forecast/ }).waitFor();
    await page.getByRole('cell', { name: '4.86%' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('goes back through the facts one by one', async () => {
    const { page } = await open(`/jobs/${subject.jobId}`);
    await currentState(page, 'training');
    await page.getByRole('button', { name: 'Previous fact' }).click();
    await currentState(page, 'pending');
    await live(page);
    await subject.advance();
    await page.getByText('Fact 1 of 3').waitFor();
    await currentState(page, 'pending');
    await page.getByRole('button', { name: 'To the latest fact' }).click();
    await currentState(page, 'evaluated');
  });

  it('says that it reconnects, and misses nothing that happened meanwhile', async () => {
    const { page } = await open(`/jobs/${subject.jobId}`);
    await live(page);
    await subject.stop();
    await page.getByText('Connection lost. Reconnecting…').waitFor();
    await subject.advance();
    await subject.startAgain();
    await live(page);
    await currentState(page, 'evaluated');
  });

  it('begins the stream anew when the log does not know the last id', async () => {
    const { page } = await browser.open({ locale: 'en-GB' });
    onTestFinished(() => page.context().close());
    const asked: (string | undefined)[] = [];
    const replies = [
      { contentType: 'text/event-stream', body: ': alive\nid: 99\n\nevent: closed\ndata: {}\n\n' },
      { status: 400, contentType: 'application/problem+json', body: '{}' },
    ];
    await page.route('**/api/v1/stream?*', async (route) => {
      asked.push(route.request().headers()['last-event-id']);
      const reply = replies.shift();
      await (reply === undefined ? route.continue() : route.fulfill(reply));
    });
    await page.goto(`${subject.url}/ui/jobs/${subject.jobId}#token=${subject.token}`);
    await expect.poll(() => asked, { timeout: 15_000 }).toEqual([undefined, '99', undefined]);
    await live(page);
  });

  it('says what to do when the token has expired', async () => {
    const { page } = await open(`/jobs/${subject.jobId}`);
    await currentState(page, 'training');
    subject.expireTokens();
    await page.getByRole('alert').getByText('Get a new one').waitFor();
    await page.getByLabel('Access token').waitFor();
  });

  it('shows text from outside as text', async () => {
    const { page } = await open(`/jobs/${subject.jobId}`);
    await currentState(page, 'training');
    await page.getByRole('button', { name: 'Previous fact' }).click();
    await currentState(page, 'pending');
    await page.getByText('The fact itself').click();
    const shown = page.locator('pre').filter({ hasText: 'idempotencyKey' });
    await shown.waitFor();
    expect(await shown.textContent()).toContain(JSON.stringify(subject.hostileText));
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
  });

  it('says so when there is no such page or job', async () => {
    const { page } = await open('/nothing/here');
    await page.getByRole('heading', { name: 'There is no such page.' }).waitFor();
    await page.goto(`${subject.url}/ui/jobs/..%2F..%2Fadmin`);
    await page.getByRole('alert').first().getByText('There is no such thing').waitFor();
  });

  it('allows no inline script or style and no other host', async () => {
    const response = await fetch(`${subject.url}/ui/jobs/anything`);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:/);
  });

  it('speaks Brazilian Portuguese with its numbers', async () => {
    const { page } = await open(`/jobs/${subject.jobId}`, { locale: 'pt-BR' });
    for (let i = 0; i < 3; i += 1) await subject.advance();
    await page.getByRole('heading', { name: 'Decisão' }).waitFor();
    await page.getByRole('cell', { name: '4,86%' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('pt-BR');
  });

  it.each([
    ['wide', 1280, 'light'],
    ['wide', 1280, 'dark'],
    ['narrow', 360, 'light'],
    ['narrow', 360, 'dark'],
  ] as const)('fits a %s screen (%i px, %s)', async (name, width, colorScheme) => {
    const { page } = await open('/jobs', { viewport: { width, height: 800 }, colorScheme });
    const shoot = (what: string) =>
      page.screenshot({ path: `${pictures}/${what}-${name}-${colorScheme}.png`, fullPage: true });
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await page.getByRole('link', { name: subject.jobId, exact: true }).waitFor();
    expect(await overflow()).toBeLessThanOrEqual(0);
    await shoot('jobs');
    await page.getByRole('link', { name: subject.jobId, exact: true }).click();
    await currentState(page, 'training');
    await shoot('training');
    for (const state of ['evaluated', 'deployed', 'acked']) {
      await subject.advance();
      await currentState(page, state);
    }
    await page.getByRole('cell', { name: '4.86%' }).waitFor();
    await page.getByRole('img', { name: /Load forecast/ }).waitFor();
    expect(await overflow()).toBeLessThanOrEqual(0);
    await shoot('job');
    await page.getByRole('link', { name: subject.deploymentId }).click();
    await currentState(page, 'active');
    expect(await overflow()).toBeLessThanOrEqual(0);
    await shoot('deployment');
  });
});
