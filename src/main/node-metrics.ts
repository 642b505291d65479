import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EffectOutcome } from '../actors/effect-handler.ts';
import type { RoleOutlook } from '../cloud/trust/outlook.ts';
import type { UplinkObserver } from '../cloud/uplink/ingest.ts';
import type { AnswerStatus } from '../machines/deployment.ts';
import type { EffectQueue } from '../ports/effect-queue.ts';
import type { LinkDrops } from './device-link.ts';

/** The figures of one cloud node; HTTP adds its own to the same registry. */
export interface NodeMetrics {
  readonly registry: Registry;
  readonly effect: (type: string, outcome: EffectOutcome, seconds: number) => void;
  readonly effectWait: (type: string, seconds: number) => void;
  readonly uplink: UplinkObserver;
}

interface FeedHealth {
  readonly headSeq: number;
  readonly stalledSeconds: number;
}

interface MetricSources {
  /** Null where no root is published. */
  readonly trust: () => Promise<readonly RoleOutlook[] | null>;
  readonly effects: Pick<EffectQueue, 'counts'>;
  readonly feed: () => FeedHealth;
  readonly drops: () => LinkDrops;
}

const ANSWERS: readonly AnswerStatus[] = ['active', 'rolledback', 'rejected'];
/** From a device that is there to one that comes back within its day. */
const ACK_SECONDS = [1, 5, 15, 60, 300, 1800, 7200, 28_800, 86_400];
const EFFECT_SECONDS = [0.005, 0.02, 0.1, 0.5, 2, 10, 30, 120, 600];

function addTrustGauge(registry: Registry, trust: MetricSources['trust']): void {
  new Gauge({
    name: 'lifo4_trust_expires_timestamp_seconds',
    help: 'When signed metadata ends, by role, as Unix time; absent where no root is published.',
    labelNames: ['role'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { role, expires } of (await trust()) ?? []) this.set({ role }, expires.getTime() / 1000);
    },
  });
}

function addDrops(registry: Registry, drops: MetricSources['drops']): void {
  new Counter({
    name: 'lifo4_device_link_dropped_total',
    help: 'What the device link of this node kept out or gave up: logins, publishes, subscriptions, messages.',
    labelNames: ['what'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [what, count] of Object.entries(drops())) this.inc({ what }, count);
    },
  });
}

/** Gauges that are read when somebody asks. */
function addGauges(registry: Registry, { effects, feed, drops, trust }: MetricSources): void {
  const registers = [registry];
  addTrustGauge(registry, trust);
  addDrops(registry, drops);
  new Gauge({
    name: 'lifo4_effects',
    help: 'Effects that are not done, by type and state.',
    labelNames: ['type', 'state'],
    registers,
    async collect() {
      this.reset();
      for (const { type, waiting, running, retrying, dead } of await effects.counts()) {
        for (const [state, count] of Object.entries({ waiting, running, retrying, dead }))
          this.set({ type, state }, count);
      }
    },
  });
  new Gauge({
    name: 'lifo4_effect_oldest_wait_seconds',
    help: 'How long the effect that is due longest has waited for a node, by type.',
    labelNames: ['type'],
    registers,
    async collect() {
      this.reset();
      for (const { type, oldestWaitSeconds } of await effects.counts()) this.set({ type }, oldestWaitSeconds);
    },
  });
  new Gauge({
    name: 'lifo4_feed_seq',
    help: 'The highest number the feed has given out, as this node saw it.',
    registers,
    collect() {
      this.set(feed().headSeq);
    },
  });
  new Gauge({
    name: 'lifo4_feed_stalled_seconds',
    help: 'Age of the oldest fact that waits for its number: an open transaction holds the feed.',
    registers,
    collect() {
      this.set(feed().stalledSeconds);
    },
  });
}

export function createNodeMetrics(sources: MetricSources): NodeMetrics {
  const registry = new Registry();
  const registers = [registry];
  addGauges(registry, sources);
  const runs = new Counter({
    name: 'lifo4_effect_runs_total',
    help: 'Effects run on this node, by type and outcome.',
    labelNames: ['type', 'outcome'],
    registers,
  });
  const duration = new Histogram({
    name: 'lifo4_effect_seconds',
    help: 'Time of one effect run, by type.',
    labelNames: ['type'],
    buckets: EFFECT_SECONDS,
    registers,
  });
  const waits = new Histogram({
    name: 'lifo4_effect_wait_seconds',
    help: 'Time from the request of an effect to its begin on this node, by type; of what is due at once.',
    labelNames: ['type'],
    buckets: EFFECT_SECONDS,
    registers,
  });
  const accepted = new Counter({
    name: 'lifo4_uplink_accepted_total',
    help: 'Device messages taken, by kind.',
    labelNames: ['kind'],
    registers,
  });
  const refused = new Counter({
    name: 'lifo4_uplink_refused_total',
    help: 'Device messages refused, by kind and reason.',
    labelNames: ['kind', 'reason'],
    registers,
  });
  const dataUse = new Counter({
    name: 'lifo4_device_data_reports_total',
    help: 'Reports of devices (not devices) by how the data of their month stands: within, near (80 %), spent.',
    labelNames: ['level'],
    registers,
  });
  const repeated = new Counter({
    name: 'lifo4_uplink_repeated_total',
    help: 'Answers of devices that were folded before: said or delivered again.',
    registers,
  });
  const suspect = new Counter({
    name: 'lifo4_readings_suspect_total',
    help: 'Hours from devices that were a hundred times the usual load: another unit.',
    registers,
  });
  const acks = new Histogram({
    name: 'lifo4_ack_seconds',
    help: 'Time from the offer of a model to its first answer by the device, by answer.',
    labelNames: ['status'],
    buckets: ACK_SECONDS,
    registers,
  });
  // Answers are rare: a series that begins with its first answer would hide that one from every rate.
  for (const status of ANSWERS) acks.zero({ status });
  return {
    registry,
    effect: (type, outcome, seconds) => {
      runs.inc({ type, outcome });
      duration.observe({ type }, seconds);
    },
    effectWait: (type, seconds) => waits.observe({ type }, seconds),
    uplink: {
      accepted: (kind) => accepted.inc({ kind }),
      refused: (kind, reason) => refused.inc({ kind, reason }),
      repeated: () => repeated.inc(),
      answered: (status, seconds) => acks.observe({ status }, seconds),
      dataUse: (level) => dataUse.inc({ level }),
      suspect: (hours) => suspect.inc(hours),
    },
  };
}
