import { fileURLToPath } from 'node:url';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { bundleConsole } from '../../src/adapters/esbuild/bundle-console.ts';
import { deviceUpdate } from '../../src/machines/device-update.ts';
import { trainingJob } from '../../src/machines/training-job.ts';
import type { EventLog } from '../../src/ports/event-log.ts';
import { journalOf } from '../edge/journal-facts.ts';
import { registerSite, type ServerUnderTest, startServer } from '../http/server-under-test.ts';
import { appendDeployed, appendModel } from '../http/stories.ts';
import { appendFacts } from '../machines/append-facts.ts';
import { sampleDataSet, sampleDecision, sampleEvaluation, sampleRequest } from '../sample-facts.ts';
import { startBrowser } from './browser.ts';

/** The console on the real server, with streams of a job that was deployed, one that was kept, and a device. */

export const JOB = 'training-job-job-1';
export const KEPT = 'training-job-kept';
export const JOURNAL = 'device-journal-dev-1-i1';

export interface MachineConsole {
  readonly server: ServerUnderTest;
  /** `address` is below `/ui/streams/`; the profile is closed when the test has ended. */
  open(
    address: string,
    options?: BrowserContextOptions,
  ): Promise<{ context: BrowserContext; page: Page; complaints: string[] }>;
  close(): Promise<void>;
}

async function tell(server: ServerUnderTest, log: EventLog): Promise<void> {
  await registerSite(server, 'bess-456');
  const model = { jobId: 'job-1', systemId: 'bess-456', version: '1.0.0' };
  await appendModel(log, model);
  await appendDeployed(log, model, 'dep-1');
  const missed = { ...sampleDecision, challenger: 0.091, seasonalNaive: 0.12 };
  await appendFacts(log, trainingJob, KEPT, [
    ['JobRequested', { ...sampleRequest, jobId: 'kept' }],
    ['DataCollected', { dataSet: sampleDataSet }],
    ['ModelEvaluated', sampleEvaluation],
    ['JobKept', { version: '1.0.0', reason: 'target-missed', decision: missed }],
  ]);
  const journal = journalOf(3).map(({ type, data }) => [type, data] as const);
  await appendFacts(log, deviceUpdate, JOURNAL, journal.slice(0, 16));
}

export async function startMachineConsole(): Promise<MachineConsole> {
  const browser = await startBrowser();
  const console = await bundleConsole(fileURLToPath(new URL('../../web', import.meta.url)));
  const server = await startServer({ overrides: { console } });
  await tell(server, server.postgres.log);
  return {
    server,
    async open(address, options = {}) {
      const opened = await browser.open({ locale: 'en-GB', ...options });
      onTestFinished(() => opened.context.close());
      await opened.page.goto(`${server.url}/ui/streams/${address}#token=${await server.token()}`);
      return opened;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** Waits until the picture shows the machine in this state. */
export const at = (page: Page, state: string): Promise<void> =>
  page.locator(`.drawing .state.current[data-state="${state}"]`).waitFor({ state: 'attached' });

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
