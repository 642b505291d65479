import type { Clock } from '../../ports/clocks.ts';
import type { EffectQueue, Outstanding } from '../../ports/effect-queue.ts';
import type { EventLog } from '../../ports/event-log.ts';
import type { ForecastStore } from '../../ports/telemetry.ts';
import type { ReplayDevice } from './device.ts';
import type { Holder } from './settled.ts';

/** What the site clock waits for: the device, its words on the way to the cloud, effects, and an unanswered offer. */
export interface HolderDependencies {
  readonly systemId: string;
  readonly clock: Clock;
  readonly replayed: ReplayDevice;
  readonly queue: Pick<EffectQueue, 'outstanding'>;
  readonly log: Pick<EventLog, 'lookup'>;
  readonly forecasts: Pick<ForecastStore, 'latest'>;
}

const DEVICE_PATIENCE_MS = 60_000;
/** A device that is there answers within a minute; one that is not lets its offer expire, in the time of the site. */
const OFFER_PATIENCE_MS = 5 * 60_000;

/**
 * These wait for a person or for the time of the site, and say so by being looked at again and again: an offer that
 * nobody answered, a silent alert, an alert's retrain after another job, a job while its fleet is stopped.
 */
const REMINDERS: ReadonlySet<string> = new Set([
  'remind-device',
  'notify-alert',
  'act-on-alert',
  'judge-model',
]);

const listed = (types: readonly string[]): string | null => (types.length === 0 ? null : types.join(', '));

/** The device is where the cloud is: it has done what is due, and its forecast has arrived. */
function deviceHolders({ systemId, replayed, forecasts }: HolderDependencies): readonly Holder[] {
  const { device, sent } = replayed;
  let arrived: string | null = null;
  return [
    {
      ...{ name: 'device', patienceMs: DEVICE_PATIENCE_MS },
      holds: () => (device.isAtRest() ? null : 'the device is at work'),
    },
    {
      ...{ name: 'uplink', patienceMs: DEVICE_PATIENCE_MS },
      async holds() {
        const newest = sent()?.issuedAt ?? null;
        if (newest === null || newest === arrived) return null;
        const latest = await forecasts.latest(systemId);
        if (latest === null || Date.parse(latest.issuedAt) < Date.parse(newest))
          return 'a forecast is on its way';
        arrived = newest;
        return null;
      },
    },
  ];
}

/** What holds the site clock back, and what the effects were found to wait for when it was last looked at. */
export interface Holders {
  readonly atDevice: readonly Holder[];
  readonly all: readonly Holder[];
  outstanding(): Outstanding;
}

export function createHolders(dependencies: HolderDependencies): Holders {
  const { systemId, clock, queue, log } = dependencies;
  let last: Outstanding = { due: [], resting: [], nextAt: null };
  const atDevice = deviceHolders(dependencies);
  const effects: Holder = {
    ...{ name: 'effects', patienceMs: null },
    async holds() {
      last = await queue.outstanding(clock.now());
      return listed([...last.due, ...last.resting.filter((type) => !REMINDERS.has(type))]);
    },
  };
  const offer: Holder = {
    ...{ name: 'offer', patienceMs: OFFER_PATIENCE_MS },
    async holds() {
      // Its reminder rests for as long as an offer has no answer.
      if (!last.resting.includes('remind-device')) return null;
      const offered = await log.lookup('offered-deployment', systemId);
      return offered === null ? null : 'the device installs a model';
    },
  };
  return { atDevice, all: [...atDevice, effects, offer], outstanding: () => last };
}
