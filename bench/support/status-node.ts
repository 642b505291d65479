/**
 * A whole cloud node in a process of its own, as it runs in production: the API that is measured, and the training
 * that must not disturb it. Says where it listens, trains when told to, and reports the delay of its event loop.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { HOUR_MS } from '../../src/forecasting/series.ts';
import { simulateLoad } from '../../src/forecasting/simulation/simulate-load.ts';
import { startCloud } from '../../src/main/cloud.ts';
import { readConfig } from '../../src/main/config.ts';
import { storeReadings } from '../../src/main/quick-start/readings.ts';
import { quietLogger } from './postgres.ts';
import type { NodeAnswer, NodeOrder } from './status-messages.ts';

const RESOLUTION_MS = 5;
const CALLER = { actor: 'bench', tenant: 'bench' };
const SITE = 'bench-site';
const ZONE = 'America/Sao_Paulo';
/** A year trains for longer than the usual 90 days, so that a measurement fits into one training. */
const WINDOW_DAYS = 365;
const MEASURED_HOURS = (WINDOW_DAYS + 60) * 24;

const say = (answer: NodeAnswer): void => {
  process.send?.(answer);
};

const cloud = await startCloud(readConfig(process.env), quietLogger);
const settings = { zone: ZONE, ibgeCode: null, tariff: null, ratedKw: null, contract: null, target: null };
await cloud.control.putSite(CALLER, SITE, settings);
const now = Math.floor(cloud.clocks.site.now().getTime() / HOUR_MS) * HOUR_MS;
const from = now - MEASURED_HOURS * HOUR_MS;
const readings = simulateLoad({ seed: 7, zone: ZONE, from, hours: MEASURED_HOURS });
await storeReadings(cloud.postgres.telemetry, SITE, readings, () => undefined);
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delays.enable();

async function train(): Promise<void> {
  const { jobId } = await cloud.control.requestRetrain(CALLER, {
    systemId: SITE,
    modelType: 'ensemble',
    members: 'all',
    trainingWindowDays: WINDOW_DAYS,
    forceRedeploy: false,
  });
  say({ kind: 'training', jobId });
}

function reportDelay(): void {
  // The timer that samples fires once every resolution: what exceeds that is the delay.
  say({ kind: 'delay', p99Ms: Math.max(0, delays.percentile(99) / 1e6 - RESOLUTION_MS) });
  delays.reset();
}

process.on('message', (order: NodeOrder) => {
  switch (order) {
    case 'train':
      void train();
      return;
    case 'delay':
      reportDelay();
      return;
  }
});
process.once('disconnect', () => void cloud.close().then(() => process.exit()));
say({ kind: 'ready', url: cloud.url });
