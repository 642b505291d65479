import type { Logger } from 'pino';
import type { Clock, Clocks } from '../ports/clocks.ts';
import type { DeviceStore } from '../ports/device-store.ts';
import { messageOf } from './refusals.ts';

/** What the device believes of the time, for people. */
export interface TimeStatus {
  /** Site clock as it is believed, ISO 8601. */
  readonly now: string;
  /** It cannot be earlier than this; null before anything told the device the time. */
  readonly floor: string | null;
  /** The machine's clock lies before the floor: it was set back, or lost its time with its battery. */
  readonly isLost: boolean;
}

/**
 * The time as a device may believe it. A small computer without a battery begins at some day of the past until a
 * network sets it; offers and metadata that ran out must not become valid again by that. So no time before the floor
 * is believed: the newest instant that a signed message or a reading has shown. From there it goes on steadily.
 */
export interface DeviceTime {
  readonly clocks: Clocks;
  /** It is at least this instant of the site clock (epoch ms). */
  see(instant: number): void;
  isLost(): boolean;
  status(): TimeStatus;
}

export interface DeviceTimeOptions {
  readonly clocks: Clocks;
  /** Never steps. */
  readonly steady: Clock;
  readonly store: Pick<DeviceStore, 'setting' | 'saveSetting'>;
  readonly logger: Logger;
}

const SETTING = 'time-floor';
/** Clocks are set by small steps all the time: so far behind is no loss. */
const TOLERANCE_MS = 10 * 60_000;

export function createDeviceTime({ clocks, steady, store, logger }: DeviceTimeOptions): DeviceTime {
  const kept = store.setting(SETTING);
  let floor = kept === null ? Number.NEGATIVE_INFINITY : Number(kept);
  let seenAt = steady.now().getTime();
  let wasLost = false;

  /** The floor has gone on since it was seen. */
  const least = (): number => floor + steady.now().getTime() - seenAt;
  const wall = (): number => clocks.site.now().getTime();
  const isLost = (): boolean => wall() < least() - TOLERANCE_MS;

  function believed(): number {
    const lost = isLost();
    if (lost && !wasLost) {
      const about = { clock: new Date(wall()).toISOString(), floor: new Date(floor).toISOString() };
      logger.warn(about, 'the clock lies before what was seen already: it is not believed');
    }
    wasLost = lost;
    return Math.max(wall(), least());
  }

  return {
    isLost,
    clocks: {
      site: { now: () => new Date(believed()) },
      // Whatever the site clock is offset by, both are wrong by the same.
      machine: { now: () => new Date(clocks.machine.now().getTime() + believed() - wall()) },
    },
    see(instant) {
      if (!(instant > least())) return;
      floor = instant;
      seenAt = steady.now().getTime();
      try {
        store.saveSetting(SETTING, String(instant));
      } catch (error) {
        // It holds for as long as this program runs; a device with a full disk must start all the same.
        logger.warn({ reason: messageOf(error) }, 'the time that was seen could not be written');
      }
    },
    status: () => ({
      now: new Date(believed()).toISOString(),
      floor: Number.isFinite(floor) ? new Date(floor).toISOString() : null,
      isLost: isLost(),
    }),
  };
}
