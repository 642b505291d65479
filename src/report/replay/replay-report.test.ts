import { describe, expect, it } from 'vitest';
import { replayedReport as report, replayedWeek as week } from '../../../test/ui/replayed-report.ts';
import { replayReport } from './replay-report.ts';

describe('the report of a replay', () => {
  it('says what was decided, with its numbers, and what an operator would have seen', () => {
    const page = replayReport(report());
    for (const text of [
      ...['50 %', 'better than last week’s value', 'kept: not 5 % better'],
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
