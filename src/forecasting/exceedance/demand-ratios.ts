import type { Calendar } from '../calendar/calendar.ts';
import type { HourReading } from '../cleaning/readings.ts';

/**
 * What a site's demand is made of: `max15`, the highest 15-minute demand within the hour, or `hourly-mean`, its
 * mean, where no meter tells the quarters.
 */
export type DemandBasis = 'max15' | 'hourly-mean';

/**
 * Demand of an hour over its mean gross load, as the site's own readings have it: before the battery and after
 * solar, which is what the contract would see if the battery stood still.
 */
export interface DemandRatios {
  readonly basis: DemandBasis;
  /** Ratios measured near that local hour, on working days or on others; never empty. */
  at(localHour: number, workingDay: boolean): readonly number[];
}

/** Hours with a 15-minute demand below which they tell too little: a week. */
const LEAST_MEASURED = 168;

/** Ratios of one kind of day near an hour below which those of all days are taken. */
const LEAST_ALIKE = 30;

/** Hours with less than this share of the mean load are left out: their ratio is noise. */
const LEAST_LOAD = 0.1;

interface Hour {
  readonly localHour: number;
  readonly workingDay: boolean;
  readonly grossKw: number;
  readonly demandKw: number;
}

function hourOf(reading: HourReading, basis: DemandBasis, calendar: Calendar): Hour | null {
  const { hour, loadKw, max15Kw, batteryKw = 0, pvKw = 0 } = reading;
  const meter = basis === 'max15' ? max15Kw : loadKw;
  const grossKw = (loadKw ?? Number.NaN) + batteryKw + pvKw;
  const demandKw = (meter ?? Number.NaN) + batteryKw;
  if (!Number.isFinite(grossKw) || !Number.isFinite(demandKw)) return null;
  const { workingDay } = calendar.localDay(calendar.dayOf(hour));
  return { localHour: calendar.hourOf(hour), workingDay, grossKw, demandKw };
}

const isMax15 = ({ loadKw, max15Kw }: HourReading): boolean =>
  Number.isFinite(loadKw) && Number.isFinite(max15Kw);

function ratiosOf(hours: readonly Hour[]): Map<Hour, number> {
  const mean = hours.reduce((sum, { grossKw }) => sum + Math.abs(grossKw), 0) / Math.max(hours.length, 1);
  const loaded = hours.filter(({ grossKw }) => grossKw > 0 && grossKw >= LEAST_LOAD * mean);
  return new Map(loaded.map((hour) => [hour, hour.demandKw / hour.grossKw]));
}

/**
 * Learns the ratios from readings of the last weeks. They are taken from the local hour and its two neighbours; a
 * battery's quarter-hours are not measured, so its mean over the hour stands for them.
 */
export function demandRatios(readings: readonly HourReading[], calendar: Calendar): DemandRatios {
  const basis = readings.filter(isMax15).length >= LEAST_MEASURED ? 'max15' : 'hourly-mean';
  const hours = readings.flatMap((reading) => hourOf(reading, basis, calendar) ?? []);
  const ratios = [...ratiosOf(hours)];
  const near = (localHour: number) =>
    ratios.filter(([hour]) => [0, 1, 23].includes((hour.localHour - localHour + 24) % 24));
  return {
    basis,
    at(localHour, workingDay) {
      const around = near(localHour);
      const alike = around.filter(([hour]) => hour.workingDay === workingDay);
      const chosen = alike.length >= LEAST_ALIKE ? alike : around;
      return chosen.length === 0 ? [1] : chosen.map(([, ratio]) => ratio);
    },
  };
}
