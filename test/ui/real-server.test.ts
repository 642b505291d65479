import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createStreamActors } from '../../src/actors/stream-actor.ts';
import { bundleConsole } from '../../src/adapters/esbuild/bundle-console.ts';
import { deployment } from '../../src/machines/deployment.ts';
import { type TrainingJobCommand, trainingJob } from '../../src/machines/training-job.ts';
import { systemClocks } from '../../src/ports/clocks.ts';
import { registerSite, type ServerUnderTest, startServer } from '../http/server-under-test.ts';
import {
  sampleAnswer,
  sampleDataSet,
  sampleDecision,
  sampleEvaluation,
  sampleOffer,
} from '../sample-facts.ts';
import { forecastAnswer } from './answers.ts';
import { type Browser, browserMissing, startBrowser } from './browser.ts';

const SYSTEM_ID = 'bess-456';
const DEPLOYMENT_ID = 'dep-1';

describe.skipIf(browserMissing)('the console on the real server and log', () => {
  let browser: Browser;
  let server: ServerUnderTest;

  beforeAll(async () => {
    browser = await startBrowser();
    const console = await bundleConsole(fileURLToPath(new URL('../../web', import.meta.url)));
    server = await startServer({ overrides: { console } });
    await registerSite(server, SYSTEM_ID);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function openConsole(path: string) {
    const opened = await browser.open({ locale: 'en-GB' });
    onTestFinished(() => opened.context.close());
    await opened.page.goto(`${server.url}/ui${path}#token=${await server.token()}`);
    await opened.page.locator('.connection.live').waitFor();
    return opened;
  }

  const requestJob = async (): Promise<string> => {
    const wishes = {
      systemId: SYSTEM_ID,
      modelType: 'ensemble',
      members: 'all',
      trainingWindowDays: 90,
      forceRedeploy: false,
    } as const;
    const { jobId } = await server.control.requestRetrain({ actor: 'person-1', tenant: 'acme' }, wishes);
    return jobId;
  };

  function createDriver(jobId: string) {
    const actors = createStreamActors({
      log: server.postgres.log,
      clocks: systemClocks(),
      newId: randomUUID,
    });
    const origin = { actor: 'node-1', tenant: 'acme', systemId: SYSTEM_ID, correlationId: jobId };
    return {
      job: (command: TrainingJobCommand) =>
        actors.send(trainingJob, `training-job-${jobId}`, command, origin),
      deploy: async () => {
        const stream = `deployment-${DEPLOYMENT_ID}`;
        const offer = { ...sampleOffer, deploymentId: DEPLOYMENT_ID, jobId };
        await actors.send(deployment, stream, { type: 'offer', offer }, origin);
        const answer = sampleAnswer('message-1');
        const command = { type: 'answer', status: 'active', answer, overtaken: false } as const;
        await actors.send(deployment, stream, command, origin);
      },
    };
  }

  it('follows a job from the list to its ack, its forecast and its deployment', async () => {
    const { page, complaints } = await openConsole('/jobs');
    const jobId = await requestJob();
    await page.getByRole('link', { name: jobId }).click();
    const driver = createDriver(jobId);
    const state = (name: string) =>
      page.locator(`.drawing .state.current[data-state="${name}"]`).waitFor({ state: 'attached' });
    await state('pending');
    await page.locator('.connection.live').waitFor();
    await driver.job({ type: 'record-data', dataSet: sampleDataSet });
    await state('training');
    await driver.job({ type: 'record-evaluation', evaluation: sampleEvaluation });
    await state('evaluated');
    await page.getByRole('row', { name: 'linear trained' }).getByText('3.8%').waitFor();
    await driver.deploy();
    await server.postgres.forecasts.save({ ...forecastAnswer(), modelType: 'ensemble', deviceId: 'dev-1' });
    await driver.job({
      type: 'deploy',
      deployment: { deploymentId: DEPLOYMENT_ID, version: '1.0.0', decision: sampleDecision },
    });
    await driver.job({ type: 'mirror', deploymentId: DEPLOYMENT_ID, outcome: { outcome: 'acked' } });
    await state('acked');
    await page.getByRole('img', { name: /Load forecast/ }).waitFor();
    await page.getByRole('link', { name: DEPLOYMENT_ID }).click();
    await state('active');
    await page.getByRole('link', { name: SYSTEM_ID }).click();
    await page.getByText('America/Sao_Paulo').waitFor();
    await page
      .getByRole('definition')
      .filter({ hasText: /^1\.0\.0$/ })
      .first()
      .waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows the server’s own words for a job that is not there', async () => {
    const { page } = await openConsole('/jobs');
    await page.goto(`${server.url}/ui/jobs/unknown`);
    await page
      .getByRole('alert')
      .first()
      .getByText(/no training job "unknown"/i)
      .waitFor();
  });
});
