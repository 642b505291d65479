import type { Clock } from '../ports/clocks.ts';
import type { DeviceStore } from '../ports/device-store.ts';

/** Something that reached the device and was not acted upon. */
export interface Refusal {
  /** Site clock, ISO 8601; of the last time. */
  readonly at: string;
  /** Where it came from: `desired`, `config`, `copied`, `readings`, `local`, `link`. */
  readonly from: string;
  readonly reason: string;
  /** How often it came like this in a row. */
  readonly times: number;
}

/** What a device counts over its whole installation, and its last refusals: for the person on site. */
export interface Logged {
  /** By what was counted: `dropped-forecasts`, `dropped-readings`, `refused-desired`, … */
  readonly counts: Readonly<Record<string, number>>;
  /** The last ones, newest first. */
  readonly refusals: readonly Refusal[];
}

export interface Logbook {
  count(what: string, by?: number): void;
  refuse(from: string, reason: string): void;
  read(): Logged;
  /** Writes down what is new. Called from time to time: a flood of refusals must not wear the disk. */
  save(): void;
}

const SETTING = 'logbook';
const KEPT = 20;
const EMPTY: Logged = { counts: {}, refusals: [] };

/** What went unsent because it had waited too long. */
export const droppedOf = ({ counts }: Logged) => ({
  forecasts: counts['dropped-forecasts'] ?? 0,
  readings: counts['dropped-readings'] ?? 0,
});

/** What a device's store remembers. */
export const readLogbook = (store: Pick<DeviceStore, 'setting'>): Logged => {
  const value = store.setting(SETTING);
  return value === null ? EMPTY : JSON.parse(value);
};

/** The same refusal again is counted, not listed again. */
function withRefusal(refusals: readonly Refusal[], next: Omit<Refusal, 'times'>): readonly Refusal[] {
  const [last, ...older] = refusals;
  const isSame = last !== undefined && last.from === next.from && last.reason === next.reason;
  if (isSame) return [{ ...next, times: last.times + 1 }, ...older];
  return [{ ...next, times: 1 }, ...refusals].slice(0, KEPT);
}

export function createLogbook(
  store: Pick<DeviceStore, 'setting' | 'saveSetting'>,
  siteClock: Clock,
): Logbook {
  let logged = readLogbook(store);
  let isNew = false;

  function count(what: string, by = 1): void {
    if (by === 0) return;
    logged = { ...logged, counts: { ...logged.counts, [what]: (logged.counts[what] ?? 0) + by } };
    isNew = true;
  }

  return {
    count,
    refuse(from, reason) {
      count(`refused-${from}`);
      const next = { at: siteClock.now().toISOString(), from, reason: reason.slice(0, 300) };
      logged = { ...logged, refusals: withRefusal(logged.refusals, next) };
    },
    read: () => logged,
    save() {
      if (!isNew) return;
      store.saveSetting(SETTING, JSON.stringify(logged));
      isNew = false;
    },
  };
}
