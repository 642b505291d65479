import type { Calendar } from '../../forecasting/calendar/calendar.ts';

/** All that a report says of a replay. Instants are epoch ms, shares fractions, loads kW. */
export interface ReplayReport {
  readonly systemId: string;
  /** The file that was replayed, or null for a simulated plant. */
  readonly source: string | null;
  readonly plan: { readonly from: number; readonly until: number; readonly inject: readonly string[] };
  /** How far it came. */
  readonly to: number;
  readonly calendar: Calendar;
  readonly folded: {
    readonly facts: number;
    readonly jobs: readonly ReplayedJob[];
    readonly alerts: readonly ReplayedAlert[];
    readonly deployments: readonly ReplayedDeployment[];
    readonly skipped: readonly { readonly slot: number; readonly reason: string }[];
  };
  readonly days: readonly ReplayedDay[];
  readonly accuracy: { readonly weeks: readonly ReplayedWeek[]; readonly all: ReplayedWeek };
  /** The first version that served. */
  readonly firstVersion: string | null;
  readonly checks: readonly { readonly name: string; readonly isMet: boolean; readonly detail: string }[];
}

interface Comparison {
  readonly unseenDays: number;
  readonly championVersion: string;
  readonly championMape: number | null;
  readonly challengerMape: number | null;
  readonly gain: number | null;
  readonly gainLower90: number | null;
  readonly gainUpper90: number | null;
}

export interface ReplayedJob {
  readonly jobId: string;
  readonly trigger: string;
  readonly slot: number | null;
  readonly requestedAt: number;
  readonly state: string;
  readonly version: string | null;
  readonly decision: {
    readonly metric: string;
    readonly challenger: number;
    readonly seasonalNaive: number;
    readonly target: number;
    readonly comparison: Comparison | null;
  } | null;
  readonly reason: string | null;
  /** When its model began to serve. */
  readonly activeAt: number | null;
}

export interface ReplayedAlert {
  readonly alertId: string;
  readonly rule: string;
  readonly day: string;
  readonly openedAt: number;
  readonly resolvedAt: number | null;
  readonly evidence: {
    readonly limit: number;
    readonly days: readonly { readonly day: string; readonly error: number | null }[];
    readonly hours: readonly { readonly hour: number; readonly error: number; readonly days: number }[];
    readonly weeks: { readonly rmseKw: number; readonly rmseBeforeKw: number } | null;
    readonly suspectHours: number;
  };
  readonly actions: readonly string[];
  readonly retrainJobId: string | null;
}

export interface ReplayedDeployment {
  readonly version: string;
  readonly state: string;
  readonly offeredAt: number;
  readonly activeAt: number | null;
  readonly failedAt: number | null;
}

export interface ReplayedDay {
  /** Local day, `YYYY-MM-DD`. */
  readonly day: string;
  readonly issuedAt: string;
  readonly version: string | null;
  /** By lead time. */
  readonly forecastKw: readonly number[];
  readonly lowerKw: readonly number[];
  readonly upperKw: readonly number[];
  readonly actualKw: readonly (number | null)[];
  readonly mape: number | null;
}

export interface ReplayedWeek {
  /** Monday, `YYYY-MM-DD`. */
  readonly week: string;
  readonly days: number;
  readonly hours: number;
  /** MAPE of the device's forecasts, of last week's value, and of the first version. */
  readonly device: number | null;
  readonly seasonalNaive: number | null;
  readonly neverRetrained: number | null;
  readonly coverage: number | null;
  readonly versions: readonly string[];
}
