import { Gauge, Histogram, type Registry } from 'prom-client';
import type { StageTiming } from '../events/training-job.ts';
import { alert } from '../machines/alert.ts';
import { deployment } from '../machines/deployment.ts';
import type { Lifecycle } from '../machines/lifecycle.ts';
import { rollout } from '../machines/rollout.ts';
import { trainingJob } from '../machines/training-job.ts';
import type { Clocks } from '../ports/clocks.ts';
import type { CountFleet, FleetFigures, ForecastAges } from '../ports/fleet-figures.ts';

interface FleetMetricSources {
  readonly count: CountFleet;
  readonly clocks: Clocks;
}

/** However often it is asked, the database counts at most this often. */
const COUNTED_FOR_MS = 10_000;
const TRAINING_SECONDS = [0.1, 0.5, 2, 5, 15, 60, 300, 1800];

/** One count serves all gauges of a scrape, and scrapes that follow closely. */
function remembered({ count, clocks }: FleetMetricSources): () => Promise<FleetFigures> {
  let latest: { readonly at: number; readonly figures: Promise<FleetFigures> } | null = null;
  return () => {
    const at = clocks.machine.now().getTime();
    if (latest !== null && at - latest.at < COUNTED_FOR_MS) return latest.figures;
    const figures = count(clocks.site.now());
    latest = { at, figures };
    // One that failed is not remembered: the next scrape counts anew.
    figures.catch(() => {
      latest = null;
    });
    return figures;
  };
}

/** Every state is shown, also while nothing is in it, so that a series does not end. */
function addStates(
  registry: Registry,
  figures: () => Promise<FleetFigures>,
  list: string,
  machine: Pick<Lifecycle, 'definition'>,
): void {
  const states = machine.definition.states.map(({ name }) => name).filter((name) => name !== 'new');
  new Gauge({
    name: `lifo4_${list}`,
    help: `All ${list} by the state they are in; the same on every node.`,
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      const counted = (await figures()).states.filter((each) => each.list === list);
      for (const state of states) this.set({ state }, 0);
      for (const { status, count } of counted) this.set({ state: status }, count);
    },
  });
}

function addRolloutSites(registry: Registry, figures: () => Promise<FleetFigures>): void {
  new Gauge({
    name: 'lifo4_rollout_sites',
    help: 'Sites of all rollouts by where they stand; the same on every node.',
    labelNames: ['outcome'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { outcome, count } of (await figures()).rolloutSites) this.set({ outcome }, count);
    },
  });
}

const quantilesOf = ({ class: of, median, p95, oldest }: ForecastAges) =>
  Object.entries({ '0.5': median, '0.95': p95, '1': oldest }).flatMap(([quantile, age]) =>
    age === null ? [] : [{ labels: { class: of, quantile }, age }],
  );

function addForecasts(registry: Registry, figures: () => Promise<FleetFigures>): void {
  const registers = [registry];
  new Gauge({
    name: 'lifo4_forecast_age_seconds',
    help: 'Age of the latest forecasts, where there is one of the last day, by class of site; the same on every node.',
    labelNames: ['class', 'quantile'],
    registers,
    async collect() {
      this.reset();
      for (const { labels, age } of (await figures()).forecasts.flatMap(quantilesOf)) this.set(labels, age);
    },
  });
  new Gauge({
    name: 'lifo4_sites',
    help: 'Sites with a device, by class and whether there is a forecast of the last day; the same on every node.',
    labelNames: ['class', 'forecast'],
    registers,
    async collect() {
      this.reset();
      for (const { class: of, sites, without } of (await figures()).forecasts) {
        this.set({ class: of, forecast: 'yes' }, sites - without);
        this.set({ class: of, forecast: 'no' }, without);
      }
    },
  });
}

function addLog(registry: Registry, figures: () => Promise<FleetFigures>): void {
  const registers = [registry];
  new Gauge({
    name: 'lifo4_feed_lag_facts',
    help: 'Facts that a reader of the feed has yet to take; the same on every node.',
    labelNames: ['reader'],
    registers,
    async collect() {
      this.reset();
      for (const { reader, facts } of (await figures()).lags) this.set({ reader }, facts);
    },
  });
  new Gauge({
    name: 'lifo4_oldest_transaction_seconds',
    help: 'Age of the oldest open transaction that writes; it holds the feed up.',
    registers,
    async collect() {
      this.set((await figures()).oldestTransactionSeconds);
    },
  });
}

/** Figures of what all nodes share. Returns what is to be told of each training that was judged on this node. */
export function addFleetMetrics(
  registry: Registry,
  sources: FleetMetricSources,
): (timings: readonly StageTiming[]) => void {
  const figures = remembered(sources);
  addStates(registry, figures, 'jobs', trainingJob);
  addStates(registry, figures, 'deployments', deployment);
  addStates(registry, figures, 'alerts', alert);
  addStates(registry, figures, 'rollouts', rollout);
  addRolloutSites(registry, figures);
  addForecasts(registry, figures);
  addLog(registry, figures);
  const stages = new Histogram({
    name: 'lifo4_training_cpu_seconds',
    help: 'Processor time of a stage of a training, by stage and, where one model was fitted, model.',
    labelNames: ['stage', 'model'],
    buckets: TRAINING_SECONDS,
    registers: [registry],
  });
  return (timings) => {
    for (const { stage, model, cpuSeconds } of timings)
      stages.observe({ stage, model: model ?? '' }, cpuSeconds);
  };
}
