import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { OperationsObserver } from '../cloud/operations.ts';
import { ALERT_RULES } from '../events/alert.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { ScoreStore } from '../ports/scores.ts';

const ROUND_SECONDS = [0.01, 0.05, 0.2, 1, 5, 20];

/** More is not counted out. */
const MOST = 100_000;

function addAlertGauges(registry: Registry, log: Pick<EventLog, 'entries'>): void {
  const registers = [registry];
  new Gauge({
    name: 'lifo4_alerts_open',
    help: 'Alerts that are not resolved, by rule.',
    labelNames: ['rule'],
    registers,
    async collect() {
      this.reset();
      for (const rule of ALERT_RULES) this.set({ rule }, 0);
      for (const { key } of await log.entries('open-alert', '', MOST))
        this.inc({ rule: key.split('/')[1] ?? '' });
    },
  });
  new Gauge({
    name: 'lifo4_fleets_stopped',
    help: 'Tenants whose models do not go out by themselves.',
    registers,
    async collect() {
      this.set((await log.entries('stopped-fleet', '', MOST)).length);
    },
  });
}

/** Figures of what looks after the models in service. */
export function addOperationsMetrics(
  registry: Registry,
  { scores, log }: { readonly scores: Pick<ScoreStore, 'waiting'>; readonly log: Pick<EventLog, 'entries'> },
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
  addAlertGauges(registry, log);
  const alerts = new Counter({
    name: 'lifo4_alerts_total',
    help: 'Alerts opened and resolved on this node, by rule.',
    labelNames: ['event', 'rule'],
    registers,
  });
  const renewed = new Counter({
    name: 'lifo4_configs_renewed_total',
    help: 'Configurations of devices that this node published again since they say something new.',
    registers,
  });
  const bytes = new Counter({
    name: 'lifo4_configs_renewed_bytes_total',
    help: 'Their size in bytes.',
    registers,
  });
  const replayed = new Counter({
    name: 'lifo4_models_replayed_total',
    help: 'Days of single models that this node worked out, to be scored beside what the device served.',
    registers,
  });
  return {
    membersReplayed: (models) => replayed.inc(models),
    configRenewed: (size) => {
      renewed.inc();
      bytes.inc(size);
    },
    alert: (event, rule) => alerts.inc({ event, rule }),
    scored: ({ hours, days }, took) => {
      scored.inc({ kind: 'hour' }, hours);
      scored.inc({ kind: 'day' }, days);
      seconds.observe(took);
    },
  };
}
