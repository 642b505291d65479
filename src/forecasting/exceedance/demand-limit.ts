import type { Calendar } from '../calendar/calendar.ts';

/** Demand that a site has contracted. */
export interface DemandContract {
  /** At peak (ponta), kW; null where the contract knows one demand for all hours. */
  readonly peakKw: number | null;
  /** Off peak (fora-ponta), kW. */
  readonly offPeakKw: number;
  /** Local hours of ponta on working days. */
  readonly peakHours: readonly number[];
  /** Fraction above the contract before a penalty applies. */
  readonly tolerance: number;
  /** Instants that bound it, the second one no longer within; null leaves that side open. */
  readonly validFrom: string | null;
  readonly validTo: string | null;
}

/** Demand in kW that an hour (epoch ms) may reach without a penalty; null when no contract is in force then. */
export type DemandLimit = (hour: number) => number | null;

/** `tariff` knows the days without ponta. */
export function createDemandLimit(contract: DemandContract, tariff: Calendar): DemandLimit {
  const { peakKw, offPeakKw, peakHours, tolerance, validFrom, validTo } = contract;
  const from = validFrom === null ? Number.NEGATIVE_INFINITY : Date.parse(validFrom);
  const to = validTo === null ? Number.POSITIVE_INFINITY : Date.parse(validTo);
  const isPeak = (hour: number): boolean =>
    peakHours.includes(tariff.hourOf(hour)) && tariff.localDay(tariff.dayOf(hour)).workingDay;
  return (hour) => {
    if (hour < from || hour >= to) return null;
    return (isPeak(hour) ? (peakKw ?? offPeakKw) : offPeakKw) * (1 + tolerance);
  };
}
