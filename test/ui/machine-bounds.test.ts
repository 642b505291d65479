import { mkdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainingJob } from '../../src/machines/training-job.ts';
import type { TestVector } from '../../src/visualizer/vector.ts';
import { appendFacts } from '../machines/append-facts.ts';
import { runVector } from '../machines/run-vector.ts';
import { sampleRequest } from '../sample-facts.ts';
import { violations } from './accessibility.ts';
import { browserMissing } from './browser.ts';
import {
  at,
  button,
  JOB,
  JOURNAL,
  KEPT,
  type MachineConsole,
  startMachineConsole,
} from './machine-console.ts';

const pictures = fileURLToPath(new URL('../../.cache/screenshots', import.meta.url));
const HOSTILE = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

describe.skipIf(browserMissing)('the machine view, taken along and under strain', () => {
  let machines: MachineConsole;

  beforeAll(async () => {
    await mkdir(pictures, { recursive: true });
    machines = await startMachineConsole();
  });
  afterAll(() => machines.close());

  describe('what is exported', () => {
    async function download(page: Page, name: string): Promise<{ name: string; text: string }> {
      const [download] = await Promise.all([page.waitForEvent('download'), button(page, name).click()]);
      return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
    }

    it('is a picture, a diagram and a test vector of the instant', async () => {
      const { page } = await machines.open(`${JOB}?version=4`);
      await at(page, 'deployed');
      const svg = await download(page, 'Picture (SVG)');
      expect(svg.name).toBe(`${JOB}@4.svg`);
      const parsed = await page.evaluate((text) => {
        const document = new DOMParser().parseFromString(text, 'image/svg+xml');
        const current = document.querySelector('[aria-current]');
        return [document.querySelector('parsererror') === null, current?.getAttribute('data-state')];
      }, svg.text);
      expect(parsed).toEqual([true, 'deployed']);
      const mermaid = await download(page, 'Diagram (Mermaid)');
      expect(mermaid.text).toMatch(/^stateDiagram-v2\n[\s\S]*class s_deployed current\n$/);
      const vector = await download(page, 'Test vector (JSON)');
      runVector(JSON.parse(vector.text) as TestVector);
    });

    it('is lines to be pasted into a test, which then passes', async () => {
      const { page } = await machines.open(`${JOURNAL}?version=7`);
      await at(page, 'downloading');
      await button(page, 'Test vector (TypeScript)').click();
      const lines = (await page.locator('.test-vector').textContent()) ?? '';
      expect(lines).toContain("from '../../test/machines/run-vector.ts'");
      const ran: TestVector[] = [];
      new Function('runVector', lines)((vector: TestVector) => {
        ran.push(vector);
        runVector(vector);
      });
      expect(ran[0]?.histories[0]?.facts).toHaveLength(7);
    });

    it('is the link to the instant', async () => {
      const { page, context } = await machines.open(`${JOB}?version=2`);
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await at(page, 'training');
      await button(page, 'Copy the link to this instant').click();
      await page.getByText('Copied.').waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
        `${machines.server.url}/ui/streams/${JOB}?version=2`,
      );
    });
  });

  describe('what cannot be shown', () => {
    it.each([
      ['training-job-nowhere', /No stream/],
      ['weather-1', /No machine folds/],
      ['..%2F..%2Fadmin', /must look like/],
    ])('is refused in the server’s words (%s)', async (stream, words) => {
      const { page } = await machines.open(stream);
      await page.getByRole('alert').first().getByText(words).waitFor();
    });

    it('is the latest fact when the address names one beyond the end', async () => {
      const { page } = await machines.open(`${JOB}?version=99`);
      await page.getByText('The address names fact 99, but the stream has 5 facts').waitFor();
      await at(page, 'acked');
    });

    it('is the latest fact when the address names none', async () => {
      const { page } = await machines.open(`${JOB}?version=%3Cscript%3E`);
      await at(page, 'acked');
    });

    it('is what follows a fact that the machine does not know there', async () => {
      await appendFacts(machines.server.postgres.log, trainingJob, 'training-job-odd', [
        ['JobRequested', { ...sampleRequest, jobId: 'odd' }],
        ['JobAcked', { deploymentId: 'dep-1' }],
      ]);
      const { page } = await machines.open('training-job-odd');
      await page.getByRole('alert').getByText('followed up to fact 1').waitFor();
      await at(page, 'pending');
    });

    it('is nothing that a text from outside would do', async () => {
      await appendFacts(machines.server.postgres.log, trainingJob, 'training-job-hostile', [
        ['JobRequested', { ...sampleRequest, jobId: 'hostile', idempotencyKey: HOSTILE }],
        ['JobCancelled', { reason: HOSTILE }],
      ]);
      const { page, complaints } = await machines.open('training-job-hostile');
      await at(page, 'cancelled');
      await page.getByText('The fact itself').click();
      await page.locator('pre').getByText('onerror').first().waitFor();
      await button(page, 'Test vector (TypeScript)').click();
      await page.locator('.test-vector').getByText('onerror').waitFor();
      expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
      expect(complaints).toEqual([]);
    });
  });

  it.each([
    [360, 'light'],
    [360, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
    [1920, 'light'],
    [1920, 'dark'],
  ] as const)(
    'fits a screen of %i px and breaks no rule of accessibility (%s)',
    async (width, colorScheme) => {
      const size = { viewport: { width, height: 900 }, colorScheme };
      for (const [name, address, state] of [
        ['job', `${JOB}?version=4`, 'deployed'],
        ['kept', `${KEPT}?version=4`, 'kept'],
        ['device', `${JOURNAL}?version=10`, 'probation'],
      ] as const) {
        const { page } = await machines.open(address, size);
        await at(page, state);
        await page.locator('summary', { hasText: 'The picture as a list' }).click();
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
        expect(await violations(page)).toEqual([]);
        await page.locator('summary', { hasText: 'The picture as a list' }).click();
        await page.screenshot({
          path: `${pictures}/machine-${name}-${width}-${colorScheme}.png`,
          fullPage: true,
        });
      }
    },
  );
});
