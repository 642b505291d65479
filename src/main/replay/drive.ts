import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import type { SteppedClock } from '../../ports/clocks.ts';
import type { EffectQueue, Outstanding } from '../../ports/effect-queue.ts';
import { toReading } from '../readings.ts';
import type { ReplayDevice } from './device.ts';
import type { ReplaySource } from './source.ts';
import type { Pace } from './speed.ts';

/** Sets the site clock from one instant that matters to the next, each time once nothing due is unfinished. */
export interface DriveOptions {
  readonly clock: SteppedClock;
  /** Epoch ms. */
  readonly until: number;
  readonly pace: Pace;
  readonly source: ReplaySource;
  readonly calendar: Calendar;
  readonly replayed: ReplayDevice;
  readonly queue: Pick<EffectQueue, 'hasten'>;
  /** What the effects waited for when all was settled. */
  readonly outstanding: () => Outstanding;
  /** Scores, alerts and configurations, as the cloud looks after them. */
  readonly look: () => Promise<void>;
  /** Resolves when nothing due is unfinished; `device` looks at the device and its words alone. */
  readonly settled: (what: 'all' | 'device') => Promise<void>;
  /** Remembers where the clock is about to be. */
  readonly savePosition: (at: number) => void;
  /** Called whenever an hour of the site is over and looked after. */
  readonly onHour: (at: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** A device waits so long into an hour for a reading that does not come. */
const GRACE_MS = 5 * 60_000;

/** Local hours at which scores, alerts and configurations are looked after: days are judged from 06:00 on. */
const LOOK_HOURS = 6;

/** Runs until the end is reached or the signal aborts. */
export async function drive(options: DriveOptions): Promise<void> {
  const { clock, until, pace, source, calendar, queue, settled, signal } = options;
  const { device } = options.replayed;
  const now = (): number => clock.now().getTime();

  /** Known when its hour is over, and not before. */
  const justMeasured = (at: number) => source.at(at - HOUR_MS);

  async function liveHour(at: number): Promise<void> {
    const reading = justMeasured(at);
    if (reading !== undefined) device.recordReadings([toReading(reading)]);
    device.look();
    await settled('device');
    if (calendar.hourOf(at) % LOOK_HOURS === 0) await options.look();
    await options.onHour(at);
  }

  async function live(at: number): Promise<void> {
    if (at % HOUR_MS === 0) await liveHour(at);
    else device.look();
  }

  /** The next instant at which something happens. */
  function nextInstant(): { readonly at: number; readonly isDue: boolean } {
    const from = now();
    const hour = (Math.floor(from / HOUR_MS) + 1) * HOUR_MS;
    const begun = hour - HOUR_MS;
    const isMissing = justMeasured(begun)?.loadKw === undefined;
    const grace = isMissing && from < begun + GRACE_MS ? begun + GRACE_MS : hour;
    const { nextAt, resting } = options.outstanding();
    const effect = nextAt?.getTime() ?? Number.POSITIVE_INFINITY;
    const at = Math.min(hour, grace, effect, until, pace.reach(from));
    return { at, isDue: effect <= at || (resting.length > 0 && at === hour) };
  }

  async function step(): Promise<void> {
    const from = now();
    const { at, isDue } = nextInstant();
    await pace.wait(at - from);
    if (signal.aborted) return;
    options.savePosition(at);
    clock.advanceTo(at);
    if (isDue) await queue.hasten();
    await live(at);
  }

  await live(now());
  await settled('all');
  while (!signal.aborted && now() < until) {
    await step();
    await settled('all');
  }
}
