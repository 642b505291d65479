import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { OperationsObserver } from '../cloud/operations.ts';
import type { ScoreStore } from '../ports/scores.ts';

const ROUND_SECONDS = [0.01, 0.05, 0.2, 1, 5, 20];

/** Figures of what looks after the models in service. */
export function addOperationsMetrics(
  registry: Registry,
  { scores }: { readonly scores: Pick<ScoreStore, 'waiting'> },
): OperationsObserver {
  const registers = [registry];
  new Gauge({
    name: 'lifo4_unscored_changes',
    help: 'Changes of readings and forecasts that wait to be scored.',
    registers,
    async collect() {
      this.set(await scores.waiting());
    },
  });
  const scored = new Counter({
    name: 'lifo4_scored_total',
    help: 'Hours and days scored on this node.',
    labelNames: ['kind'],
    registers,
  });
  const seconds = new Histogram({
    name: 'lifo4_scoring_seconds',
    help: 'Time of one round of scoring.',
    buckets: ROUND_SECONDS,
    registers,
  });
  return {
    scored: ({ hours, days }, took) => {
      scored.inc({ kind: 'hour' }, hours);
      scored.inc({ kind: 'day' }, days);
      seconds.observe(took);
    },
  };
}
