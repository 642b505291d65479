import { HOUR_MS } from '../series.ts';

/** Milliseconds in a UTC day. */
export const DAY_MS = 24 * HOUR_MS;

/** The name is no IANA time zone that this machine knows. */
export class UnknownZone extends Error {
  override readonly name = 'UnknownZone';
  readonly zone: string;

  constructor(zone: string) {
    super(
      `Unknown time zone "${zone.slice(0, 60)}": write an IANA name with its area, ` +
        'such as America/Sao_Paulo, America/Manaus, America/Cuiaba, America/Rio_Branco, America/Noronha or Europe/London.',
    );
    this.zone = zone;
  }
}

/** Offsets of one IANA zone, remembered by day because the platform's formatter is slow. */
export interface Zone {
  readonly name: string;
  /** Local time minus UTC in ms at the start of the hour `hour` (epoch ms). */
  offsetAt(hour: number): number;
}

const IANA_NAME = /^(UTC|GMT|[A-Za-z]+(\/[A-Za-z0-9_+-]+)+)$/;

function formatterOf(zone: string): Intl.DateTimeFormat {
  if (!IANA_NAME.test(zone)) throw new UnknownZone(zone);
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new UnknownZone(zone);
  }
}

function measureOffset(formatter: Intl.DateTimeFormat, instant: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatter.formatToParts(instant)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - instant;
}

/**
 * Offsets of `name`. An hour's offset is that of its start. A day whose two ends have the same offset is taken
 * to have it throughout; the others are measured hour by hour.
 * @throws {UnknownZone}
 */
export function createZone(name: string): Zone {
  const formatter = formatterOf(name);
  const atMidnight = new Map<number, number>();
  const changeDays = new Map<number, Float64Array>();

  const midnightOffset = (day: number): number => {
    const known = atMidnight.get(day);
    if (known !== undefined) return known;
    const offset = measureOffset(formatter, day * DAY_MS);
    atMidnight.set(day, offset);
    return offset;
  };
  const changeDay = (day: number): Float64Array => {
    const known = changeDays.get(day);
    if (known !== undefined) return known;
    const offsets = Float64Array.from({ length: 24 }, (_, h) =>
      measureOffset(formatter, day * DAY_MS + h * HOUR_MS),
    );
    changeDays.set(day, offsets);
    return offsets;
  };

  // Hours are asked for one after the other, so the last plain day answers most of them.
  let plainDay = Number.NaN;
  let plainOffset = 0;
  return {
    name,
    offsetAt(hour) {
      const day = Math.floor(hour / DAY_MS);
      if (day === plainDay) return plainOffset;
      const first = midnightOffset(day);
      if (first !== midnightOffset(day + 1)) {
        return changeDay(day)[Math.floor((hour - day * DAY_MS) / HOUR_MS)] ?? first;
      }
      plainDay = day;
      plainOffset = first;
      return first;
    },
  };
}
