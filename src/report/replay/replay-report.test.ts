import { describe, expect, it } from 'vitest';
import { createCalendar } from '../../forecasting/calendar/calendar.ts';
import { noSpecialDays } from '../../forecasting/calendar/special-days.ts';
import { replayReport } from './replay-report.ts';
import type { ReplayedJob, ReplayedWeek, ReplayReport } from './replayed.ts';

const calendar = createCalendar({ zone: 'America/Sao_Paulo', days: noSpecialDays });
const at = (day: string, hour = 3): number => Date.parse(`${day}T00:00:00Z`) + hour * 3_600_000;
const repeat = (value: number): number[] => Array.from({ length: 24 }, () => value);

const week: ReplayedWeek = {
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

const report = (changes: Partial<ReplayReport> = {}): ReplayReport => ({
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
  accuracy: { weeks: [week], all: week },
  checks: [{ name: 'every weekly slot ran once', isMet: true, detail: '1 slot' }],
  ...changes,
});

describe('the report of a replay', () => {
  it('says what was decided, with its numbers, and what an operator would have seen', () => {
    const page = replayReport(report());
    for (const text of [
      ...['50 %', 'better than last week’s value', 'kept: not 5 % better than the model in service'],
      ...['3.0 (-1 to 7)', '13:00 24 % (5 days)', 'add an event flag for those hours', 'still open'],
      ...['The device runs 1.0.0', 'level:2026-05-12:1.2', 'ended at 13 May 2026', 'All that was looked up'],
    ])
      expect(page).toContain(text);
  });

  it('writes hostile names as text', () => {
    expect(replayReport(report())).toContain('&lt;script&gt;.csv');
    expect(replayReport(report())).not.toContain('<script>.csv');
  });

  it('says so when something does not hold', () => {
    const checks = [{ name: 'every weekly slot ran once', isMet: false, detail: 'one ran twice' }];
    expect(replayReport(report({ checks }))).toContain('1 of 1 do not hold.');
  });

  it('is a page before anything was scored', () => {
    const none = {
      ...week,
      days: 0,
      hours: 0,
      device: null,
      seasonalNaive: null,
      neverRetrained: null,
      coverage: null,
    };
    const page = replayReport(report({ days: [], accuracy: { weeks: [], all: none }, firstVersion: null }));
    expect(page).not.toContain('NaN');
    expect(page).toContain('What was decided');
  });
});
