import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { site } from '../../src/machines/site.ts';
import { appendFacts } from '../machines/append-facts.ts';
import { sampleSettings } from '../sample-facts.ts';
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

const drawn = (page: Page, selector: string) => page.locator(`.drawing ${selector}`);

describe.skipIf(browserMissing)('the machine view', () => {
  let machines: MachineConsole;

  beforeAll(async () => {
    machines = await startMachineConsole();
  });
  afterAll(() => machines.close());

  describe('going through a history', () => {
    it('is done by buttons, each step with its state, context and effects', async () => {
      const { page, complaints } = await machines.open(`${JOB}?version=0`);
      await at(page, 'new');
      await page.getByText('Before the first of 5 facts').waitFor();
      await button(page, 'Next fact').click();
      await at(page, 'pending');
      await page.getByText('⚡ collect-data').first().waitFor();
      await page.locator('.context .new[data-member="request"]').getByText('"bess-456"').waitFor();
      await button(page, 'To the latest fact').click();
      await at(page, 'acked');
      await button(page, 'Previous fact').click();
      await at(page, 'deployed');
      await page.locator('.context .new[data-member="deploymentId"]').getByText('dep-1').waitFor();
      await button(page, 'To the beginning').click();
      await at(page, 'new');
      expect(complaints).toEqual([]);
    });

    it('is done by arrow keys, Home and End, and by the slider', async () => {
      const { page } = await machines.open(`${JOB}?version=2`);
      await at(page, 'training');
      for (const [key, state] of [
        ['ArrowRight', 'evaluated'],
        ['ArrowLeft', 'training'],
        ['Home', 'new'],
        ['End', 'acked'],
      ] as const) {
        await page.keyboard.press(key);
        await at(page, state);
      }
      const slider = page.getByRole('slider', { name: 'Fact shown' });
      await slider.fill('3');
      await at(page, 'evaluated');
      expect(await slider.getAttribute('aria-valuetext')).toBe('Fact 3 of 5');
      await slider.press('ArrowLeft');
      await at(page, 'training');
    });

    it('is done by the list of facts', async () => {
      const { page } = await machines.open(JOB);
      await at(page, 'acked');
      await page.getByRole('button', { name: /ModelEvaluated/ }).click();
      await at(page, 'evaluated');
      expect(await page.locator('.timeline [aria-current="step"]').textContent()).toContain('ModelEvaluated');
    });

    it('keeps the instant in the address, which opens there again', async () => {
      const { page } = await machines.open(JOB);
      await at(page, 'acked');
      await button(page, 'Previous fact').click();
      await button(page, 'Previous fact').click();
      await expect.poll(() => page.url()).toBe(`${machines.server.url}/ui/streams/${JOB}?version=3`);
      await page.reload();
      await at(page, 'evaluated');
      await page.getByText('Fact 3 of 5').first().waitFor();
    });
  });

  describe('the explanation', () => {
    it('shows the values of the conditions, and why nothing else happened', async () => {
      const { page } = await machines.open(`${KEPT}?version=4`);
      await at(page, 'kept');
      const refused = page.locator('.moves .refused[data-fact="JobDeployed"]');
      await refused.getByText('A condition did not hold.').waitFor();
      const missed = refused.locator('[data-guard="below-target"]');
      expect(await missed.getAttribute('class')).toBe('fails');
      expect(await missed.textContent()).toMatch(/new model 9\.1%.*target 8%/);
      await page.getByText('6 facts are not possible in evaluated').click();
      await page.locator('[data-fact="JobAcked"]').getByText('only in deployed').waitFor();
      await page.getByText('Nothing more: its life has ended.').waitFor();
    });

    it('brings out in the picture what happened, what did not, and what may come', async () => {
      const { page } = await machines.open(`${JOB}?version=3`);
      await at(page, 'evaluated');
      const ids = (mark: string) =>
        drawn(page, `.transition.${mark}`).evaluateAll((all) =>
          all.map((one) => one.getAttribute('data-transition') ?? '').toSorted(),
        );
      const group = (fact: string) => `pending/${fact} training/${fact} evaluated/${fact}`;
      expect(await ids('last')).toEqual(['training/ModelEvaluated']);
      expect(await ids('taken')).toEqual(['new/JobRequested', 'pending/DataCollected']);
      expect(await ids('possible')).toEqual([
        'evaluated/JobDeployed',
        'evaluated/JobKept',
        group('JobCancelled'),
        group('JobFailed'),
      ]);
      await page.getByText('by cancel').waitFor();
      await page.locator('summary', { hasText: 'The picture as a list' }).click();
      await page.getByRole('row', { name: /^pending JobFailed failed/ }).waitFor();
    });

    it('says what a guard of a device refuses now', async () => {
      const { page } = await machines.open(`${JOURNAL}?version=5`);
      await at(page, 'watching');
      const barred = page.locator('.moves .refused[data-fact="PreviousForgotten"]');
      await barred.locator('[data-guard="previous-there"].fails').waitFor();
      await page.getByRole('heading', { name: 'Refused now' }).waitFor();
    });

    it('is there in Portuguese', async () => {
      const { page } = await machines.open(`${KEPT}?version=4`, { locale: 'pt-BR' });
      await page.getByRole('heading', { name: 'Por que não aconteceu outra coisa' }).waitFor();
      await page.getByText('9,1%').first().waitFor();
      await page.getByText('Fato 4 de 4').first().waitFor();
    });
  });

  it('follows what happens while it is at the end, stays where one went, and goes back there', async () => {
    const stream = 'site-live';
    const { log } = machines.server.postgres;
    const paused = ['RetrainsPaused', { reason: 'harvest' }] as const;
    const resumed = ['RetrainsResumed', {}] as const;
    await appendFacts(log, site, stream, [
      ['SiteRegistered', { systemId: 'live', tenant: 'acme', settings: sampleSettings }],
      paused,
      resumed,
    ]);
    const { page } = await machines.open(stream);
    await page.locator('.connection.live').waitFor();
    await page.getByText('Fact 3 of 3').first().waitFor();
    await appendFacts(log, site, stream, [paused]);
    await page.getByText('Fact 4 of 4').first().waitFor();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await appendFacts(log, site, stream, [resumed]);
    await page.getByText('Fact 1 of 5').first().waitFor();
    expect(await button(page, 'Follow live').getAttribute('aria-pressed')).toBe('false');
    await button(page, 'Follow live').click();
    await page.getByText('Fact 5 of 5').first().waitFor();
    await button(page, 'Back to fact 1').click();
    await page.getByText('Fact 1 of 5').first().waitFor();
  });
});
