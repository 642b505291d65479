import { fileURLToPath } from 'node:url';
import fastify, { type FastifyInstance } from 'fastify';
import type { Page } from 'playwright-core';
import { bundleConsole } from '../src/adapters/esbuild/bundle-console.ts';
import { presentSteps } from '../src/http/present/steps.ts';
import { deviceUpdate } from '../src/machines/device-update.ts';
import { createVisualizer } from '../src/visualizer/visualizer.ts';
import { journalOf } from '../test/edge/journal-facts.ts';
import { recordedFacts } from '../test/machines/recorded-facts.ts';
import { startBrowser } from '../test/ui/browser.ts';
import type { Bench } from './bench.ts';
import { percentile } from './support/paced-load.ts';

const STREAM = 'device-journal-dev-1-i1';
const FACTS_OF_AN_UPDATE = 6;

/** The console with a device's journal of so many facts; everything but the log is the product's own. */
async function startServer(count: number): Promise<{ readonly app: FastifyInstance; readonly url: string }> {
  const assets = await bundleConsole(fileURLToPath(new URL('../web', import.meta.url)));
  const visualizer = await createVisualizer([deviceUpdate]);
  const { name, version, definition } = deviceUpdate;
  const journal = journalOf(Math.ceil(count / FACTS_OF_AN_UPDATE)).slice(0, count);
  const facts = recordedFacts(
    deviceUpdate,
    STREAM,
    journal.map(({ type, data }) => [type, data] as const),
  );
  const app = fastify({ forceCloseConnections: true });
  for (const [path, file] of assets.files) {
    app.get(path, (_, reply) => reply.type(file.contentType).send(file.body));
  }
  app.get('/ui/*', (_, reply) => reply.type(assets.index.contentType).send(assets.index.body));
  app.get('/api/v1/stream', (_, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.raw.write(': alive\n\n');
  });
  app.get(`/api/v1/machines/${name}/drawing`, (_, reply) =>
    reply.type('image/svg+xml').send(visualizer.draw(deviceUpdate)),
  );
  app.get<{ Querystring: { after: string } }>(`/api/v1/streams/${STREAM}/steps`, ({ query }) => ({
    ...{ streamId: STREAM, machine: { name, version }, definition },
    ...presentSteps(deviceUpdate, facts, Number(query.after), 2000),
  }));
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) };
}

/** From each press of a key until the step stands on the screen, ms: waiting for the next frame included. */
const pressAll = (page: Page, key: string, times: number): Promise<number[]> =>
  page.evaluate(
    async ([pressed, count]) => {
      const slider = document.querySelector<HTMLInputElement>('.scrubber input');
      const painted = () =>
        new Promise<void>((done) => {
          requestAnimationFrame(() => {
            const after = new MessageChannel();
            after.port1.onmessage = () => done();
            after.port2.postMessage(null);
          });
        });
      const took: number[] = [];
      for (let i = 0; i < count; i += 1) {
        const before = slider?.value;
        const begun = performance.now();
        document.body.dispatchEvent(
          new KeyboardEvent('keydown', { key: pressed, bubbles: true, cancelable: true }),
        );
        do await painted();
        while (slider?.value === before);
        took.push(performance.now() - begun);
      }
      return took;
    },
    [key, times] as const,
  );

const bench: Bench = {
  summary:
    'going through a stream of many facts in the console: from a key to the step on the screen, in Chromium',
  options: {
    facts: { description: 'facts of the stream', default: '1000' },
    steps: { description: 'steps each way', default: '300' },
  },
  run: async (context) => {
    const { app, url } = await startServer(context.number('facts'));
    const browser = await startBrowser();
    try {
      const { page } = await browser.open({ viewport: { width: 1280, height: 900 } });
      const begun = performance.now();
      await page.goto(`${url}/ui/streams/${STREAM}#token=any`);
      await page.locator('.drawing .state.current').waitFor({ state: 'attached' });
      const opened = performance.now() - begun;
      const steps = context.number('steps');
      const took = [
        ...(await pressAll(page, 'ArrowLeft', steps)),
        ...(await pressAll(page, 'ArrowRight', Math.floor(steps / 2))),
      ];
      context.say(`${took.length} steps through ${context.number('facts')} facts`);
      context.figure('scrub_p50_ms', 'ms', [percentile(took, 0.5)]);
      context.figure('scrub_p99_ms', 'ms', [percentile(took, 0.99)]);
      context.figure('scrub_step_ms', 'ms', took);
      context.figure('open_ms', 'ms', [opened]);
    } finally {
      await browser.close();
      await app.close();
    }
  },
};

export default bench;
