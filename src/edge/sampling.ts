import { HOUR_MS } from '../forecasting/series.ts';
import type { Clock } from '../ports/clocks.ts';
import type { DeviceStore, Sample } from '../ports/device-store.ts';
import type { Reading } from '../ports/telemetry.ts';
import { hourOfSamples, hoursOf } from './hour-of-samples.ts';

/** Makes hours of samples as these come, and when they come no more. */
export interface Sampling {
  /** Stores samples, and the hours that they make up or correct. */
  record(samples: readonly Sample[]): SampledHours;
  /** Makes up hours that ended with some samples missing, once their time is over; returns how many. */
  settle(): number;
}

interface SampledHours {
  /** Samples that are new, or have other values than before. */
  readonly changed: number;
  /** Hours that became known by them, or others than before. */
  readonly hours: number;
}

export interface SamplingOptions {
  readonly store: DeviceStore;
  readonly siteClock: Clock;
  /** How long after its end an hour waits for samples that are late. */
  readonly graceMs: number;
}

/** How far back a device that was off looks for hours that it did not make up. */
const LOOK_BACK_MS = 48 * HOUR_MS;

/** What the hour lacks; null when nothing. */
function lackedBy(known: Reading | undefined, { hour, ...made }: Reading): Reading | null {
  const missing = Object.entries(made).filter(([name]) => known?.[name as keyof Reading] === undefined);
  return missing.length === 0 ? null : { hour, ...Object.fromEntries(missing) };
}

export function createSampling({ store, siteClock, graceMs }: SamplingOptions): Sampling {
  let settledUntil = Number.NEGATIVE_INFINITY;

  /** Hours that began before this are over, and so is the wait for what is late. */
  const dueUntil = (): number =>
    Math.floor((siteClock.now().getTime() - Math.min(graceMs, HOUR_MS)) / HOUR_MS) * HOUR_MS;
  const made = (hour: number) => hourOfSamples(hour, store.samples(new Date(hour), new Date(hour + HOUR_MS)));

  /** A whole hour is over whatever this clock says; one with gaps may still be filled. */
  function readyHour(hour: number, due: number): Reading[] {
    const { reading, isComplete } = made(hour);
    return reading !== null && (isComplete || hour < due) ? [reading] : [];
  }

  function unsettled(hour: number): Reading[] {
    const [known] = store.readings(new Date(hour), new Date(hour + HOUR_MS));
    const { reading } = made(hour);
    const lacked = reading && lackedBy(known, reading);
    return lacked === null ? [] : [lacked];
  }

  return {
    record(samples) {
      if (samples.length === 0) return { changed: 0, hours: 0 };
      const changed = store.saveSamples(samples);
      const due = dueUntil();
      const ready = hoursOf(samples).flatMap((hour) => readyHour(hour, due));
      return { changed, hours: store.saveReadings(ready) };
    },
    settle() {
      const due = dueUntil();
      if (due === settledUntil) return 0;
      // A clock that leapt ahead and came back begins anew.
      const done = settledUntil < due ? settledUntil : Number.NEGATIVE_INFINITY;
      const from = new Date(Math.max(done, due - LOOK_BACK_MS));
      const hours = hoursOf(store.samples(from, new Date(due)));
      const settled = store.saveReadings(hours.flatMap(unsettled));
      settledUntil = due;
      return settled;
    },
  };
}
