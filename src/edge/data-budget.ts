import type { DeviceReport } from '../ota/messages.ts';
import type { Clock } from '../ports/clocks.ts';
import type { DeviceStore } from '../ports/device-store.ts';
import type { DataUse } from './data-use.ts';

/** How a month's data stands to its bound: below 80 %, from 80 % on, or all used. */
export type DataLevel = 'within' | 'near' | 'spent';

/** This month's data, for people and for the cloud. */
export interface DataStatus extends DataUse {
  /** What the device may use in a month, bytes. */
  readonly limitBytes: number;
  readonly level: DataLevel;
  /** A person on site lets the device use what it needs until then, ISO 8601; null when nobody does. */
  readonly overriddenUntil: string | null;
}

/** Bounds what a device uses in a month. Answers are never held back; what can wait is told to. */
export interface DataBudget {
  status(): DataStatus;
  /** The level that counts: `within` while somebody overrides the bound. */
  level(): DataLevel;
  isOverridden(): boolean;
  /** Whether so many bytes more are within the month's bound, or somebody overrides it. */
  hasRoom(bytes: number): boolean;
  /** Neither this bound nor the download hours count for so many hours from now. */
  override(hours: number): void;
}

export interface DataBudgetOptions {
  readonly store: Pick<DeviceStore, 'setting' | 'saveSetting'>;
  readonly use: () => DataUse;
  readonly limitBytes: number;
  readonly siteClock: Clock;
}

const SETTING = 'data-override-until';
const NEAR = 0.8;
const HOUR_MS = 3_600_000;

const levelOf = (used: number, limit: number): DataLevel => {
  if (used >= limit) return 'spent';
  return used >= NEAR * limit ? 'near' : 'within';
};

/** Bytes of all purposes together. */
export const sumOf = ({ bytes }: Pick<DataUse, 'bytes'>): number =>
  Object.values(bytes).reduce((sum, count) => sum + count, 0);

/** What the cloud is told of it. */
export const reportedData = (status: DataStatus): NonNullable<DeviceReport['data']> => ({
  month: status.month,
  used: sumOf(status),
  limit: status.limitBytes,
  level: status.level,
});

export function createDataBudget({ store, use, limitBytes, siteClock }: DataBudgetOptions): DataBudget {
  /** Of the present month: what was used in the one before does not count any more. */
  function current(): DataUse {
    const month = siteClock.now().toISOString().slice(0, 7);
    const known = use();
    return known.month === month ? known : { month, bytes: {} };
  }

  function overriddenUntil(): string | null {
    const until = store.setting(SETTING);
    return until !== null && Date.parse(until) > siteClock.now().getTime() ? until : null;
  }

  const isOverridden = () => overriddenUntil() !== null;

  return {
    isOverridden,
    level: () => (isOverridden() ? 'within' : levelOf(sumOf(current()), limitBytes)),
    hasRoom: (bytes) => isOverridden() || sumOf(current()) + bytes <= limitBytes,
    status() {
      const known = current();
      const level = levelOf(sumOf(known), limitBytes);
      return { ...known, limitBytes, level, overriddenUntil: overriddenUntil() };
    },
    override(hours) {
      store.saveSetting(SETTING, new Date(siteClock.now().getTime() + hours * HOUR_MS).toISOString());
    },
  };
}
