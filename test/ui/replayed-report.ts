import { createCalendar } from '../../src/forecasting/calendar/calendar.ts';
import { noSpecialDays } from '../../src/forecasting/calendar/special-days.ts';
import type { ReplayedJob, ReplayedWeek, ReplayReport } from '../../src/report/replay/replayed.ts';

/** A short replay with one of everything that its report shows. */

const calendar = createCalendar({ zone: 'America/Sao_Paulo', days: noSpecialDays });
const at = (day: string, hour = 3): number => Date.parse(`${day}T00:00:00Z`) + hour * 3_600_000;
const repeat = (value: number): number[] => Array.from({ length: 24 }, () => value);

export const replayedWeek: ReplayedWeek = {
  ...{ week: '2026-05-11', days: 2, hours: 48, device: 0.03, seasonalNaive: 0.06, neverRetrained: 0.04 },
  ...{ coverage: 0.9, versions: ['1.0.0'] },
};
const job: ReplayedJob = {
  ...{ jobId: 'job-1', trigger: 'weekly', slot: at('2026-05-18', 6), requestedAt: at('2026-05-18', 6) },
  ...{ state: 'kept', version: '1.1.0', reason: 'not-better-than-champion', activeAt: null },
  decision: {
    ...{ metric: 'mape', challenger: 0.031, seasonalNaive: 0.06, target: 0.08 },
    comparison: {
      ...{ unseenDays: 7, championVersion: '1.0.0', championMape: 0.032, challengerMape: 0.031 },
      ...{ gain: 0.03, gainLower90: -0.01, gainUpper90: 0.07 },
    },
  },
};
const alert = {
  ...{
    alertId: 'a',
    rule: 'hour-errors',
    day: '2026-05-17',
    openedAt: at('2026-05-18', 9),
    resolvedAt: null,
  },
  evidence: {
    ...{ limit: 0.15, days: [], weeks: null, suspectHours: 0 },
    hours: [{ hour: 13, error: 0.24, days: 5 }],
  },
  ...{ actions: ['add-event-flag'], retrainJobId: null },
};

export const replayedReport = (changes: Partial<ReplayReport> = {}): ReplayReport => ({
  ...{ systemId: 'bess-456', source: '<script>.csv', to: at('2026-05-13'), calendar, firstVersion: '1.0.0' },
  plan: { from: at('2026-05-11'), until: at('2026-05-20'), inject: ['level:2026-05-12:1.2'] },
  folded: {
    ...{ facts: 12, jobs: [job], alerts: [alert], skipped: [] },
    deployments: [
      { version: '1.0.0', state: 'active', offeredAt: 0, activeAt: at('2026-05-11'), failedAt: null },
    ],
  },
  days: ['2026-05-11', '2026-05-12'].map((day) => ({
    ...{ day, issuedAt: new Date(at(day)).toISOString(), version: '1.0.0', mape: 0.03 },
    ...{ forecastKw: repeat(100), lowerKw: repeat(90), upperKw: repeat(110), actualKw: repeat(103) },
  })),
  accuracy: { weeks: [replayedWeek], all: replayedWeek },
  checks: [{ name: 'every weekly slot ran once', isMet: true, detail: '1 slot' }],
  ...changes,
});
