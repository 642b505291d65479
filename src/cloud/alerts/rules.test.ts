import { describe, expect, it } from 'vitest';
import type { AlertRule, Evidence } from '../../events/alert.ts';
import type { DayScore } from '../../ports/scores.ts';
import { dayAfter, scoredDays } from './days.ts';
import { judgeDays, RULE_DAYS } from './rules.ts';

const LAST = '2026-03-20';
const TARGET = 0.08;

/** A day whose forecast is wrong by this share of a load of 100 kW, by local hour. */
function scored(day: string, share: (hour: number) => number, suspectHours = 0): DayScore {
  const errors = Array.from({ length: 24 }, (_, hour) => 100 * share(hour));
  const mape = errors.reduce((sum, error) => sum + Math.abs(error), 0) / 2400;
  return {
    ...{ systemId: 'bess-456', model: 'device', day, modelType: 'ensemble', version: '1.0.0' },
    issuedAt: `${day}T00:00:00.000Z`,
    forecastKw: errors.map((error) => 100 + error),
    ...{ lowerKw: [], upperKw: [], actualKw: errors.map(() => 100) },
    ...{ hours: 24, excludedHours: 0, suspectHours, coverage: null, mape, wape: mape },
    rmse: Math.hypot(...errors) / Math.sqrt(24),
  };
}

/** The verdicts after days whose error is the same at every hour; null is a day without a score. */
function judged(...shares: readonly (number | null | ((hour: number) => number))[]) {
  const scores = shares.flatMap((share, i) => {
    const day = dayAfter(LAST, i - shares.length + 1);
    if (share === null) return [];
    return [scored(day, typeof share === 'number' ? () => share : share)];
  });
  return verdictsOf(scores);
}

function verdictsOf(scores: readonly DayScore[]) {
  const hourOf = (instant: number): number => new Date(instant).getUTCHours();
  const verdicts = judgeDays(scoredDays(scores, LAST, RULE_DAYS, hourOf), TARGET);
  const of = (rule: AlertRule) => {
    const verdict = verdicts.find((each) => each.rule === rule);
    if (verdict === undefined) throw new Error(`no verdict on ${rule}`);
    return verdict;
  };
  return { of, firing: verdicts.filter(({ finding }) => finding !== null).map(({ rule }) => rule) };
}

function evidenceOf(verdicts: ReturnType<typeof judged>, rule: AlertRule): Evidence {
  const { finding } = verdicts.of(rule);
  if (finding === null) throw new Error(`${rule} does not fire`);
  return finding.evidence;
}

const good = (days: number): number[] => Array.from({ length: days }, () => 0.03);
const busyHours = (hour: number): number => (hour >= 17 && hour <= 19 ? 0.2 : 0.01);

describe('daily MAPE', () => {
  it('fires on three days over the target running, and names them', () => {
    expect(judged(...good(11), 0.03, 0.09, 0.09).firing).not.toContain('daily-mape');
    const verdicts = judged(...good(11), 0.09, 0.1, 0.11);
    expect(evidenceOf(verdicts, 'daily-mape').days.map(({ error }) => error)).toEqual([
      expect.closeTo(0.09),
      expect.closeTo(0.1),
      expect.closeTo(0.11),
    ]);
  });

  it('takes a day without a score neither for good nor for bad', () => {
    expect(judged(...good(10), 0.09, 0.09, null, 0.09).firing).not.toContain('daily-mape');
    const opened = evidenceOf(judged(...good(11), 0.09, 0.1, 0.11), 'daily-mape');
    expect(
      judged(...good(10), 0.02, null, 0.02)
        .of('daily-mape')
        .isRecovered(opened),
    ).toBe(false);
  });

  it('closes after two days under it, and not after one', () => {
    const opened = evidenceOf(judged(...good(11), 0.09, 0.1, 0.11), 'daily-mape');
    expect(judged(0.09, 0.09, 0.05).of('daily-mape').isRecovered(opened)).toBe(false);
    expect(judged(0.09, 0.05, 0.05).of('daily-mape').isRecovered(opened)).toBe(true);
  });
});

describe('weekly RMSE', () => {
  it('fires when a week is more than a fifth worse than the one before', () => {
    const week = (share: number): number[] => Array.from({ length: 7 }, () => share);
    expect(judged(...week(0.05), ...week(0.0599)).firing).toEqual([]);
    expect(judged(...week(0.05), ...week(0.0601)).firing).toEqual(['weekly-rmse']);
    expect(judged(...week(0.05).slice(3), ...week(0.07)).firing).toEqual([]);
  });

  it('stays open while the bad day is in the week, so that it does not come again', () => {
    const days = [...good(13), 0.15];
    const opened = evidenceOf(judged(...days), 'weekly-rmse');
    const after = (n: number) =>
      judged(...days, ...good(n))
        .of('weekly-rmse')
        .isRecovered(opened);
    expect([0, 1, 3, 6].map(after)).toEqual([false, false, false, false]);
    expect(after(7)).toBe(true);
  });

  it('does not close only because the week before was bad as well', () => {
    const days = [...good(7), ...Array.from({ length: 7 }, () => 0.06)];
    const opened = evidenceOf(judged(...days), 'weekly-rmse');
    const bad = Array.from({ length: 14 }, () => 0.06);
    expect(judged(...bad).firing).toEqual([]);
    expect(
      judged(...bad)
        .of('weekly-rmse')
        .isRecovered(opened),
    ).toBe(false);
  });
});

describe('errors of certain hours', () => {
  it('fire when three hours are wrong on five days of a week, and propose them as an event flag', () => {
    expect(judged(...good(10), busyHours, busyHours, busyHours, busyHours).firing).not.toContain(
      'hour-errors',
    );
    const verdicts = judged(...good(9), busyHours, busyHours, busyHours, busyHours, busyHours);
    const { finding } = verdicts.of('hour-errors');
    expect(finding?.evidence.hours).toMatchObject([
      { hour: 17, days: 5 },
      { hour: 18, days: 5 },
      { hour: 19, days: 5 },
    ]);
    expect(finding?.proposedFlag).toEqual({ label: 'hours-17-18-19', hours: [17, 18, 19] });
    expect(finding?.actions).toContain('add-event-flag');
  });

  it('take two hours for chance', () => {
    const two = (hour: number): number => (hour === 17 || hour === 18 ? 0.5 : 0.01);
    expect(judged(...good(7), two, two, two, two, two, two, two).firing).not.toContain('hour-errors');
  });

  it('recover when those hours are well for the last days, as after a retrain', () => {
    const week = Array.from({ length: 7 }, () => busyHours);
    const opened = evidenceOf(judged(...good(7), ...week), 'hour-errors');
    expect(
      judged(...good(6), ...week, 0.01)
        .of('hour-errors')
        .isRecovered(opened),
    ).toBe(false);
    expect(
      judged(...good(4), ...week, ...good(3))
        .of('hour-errors')
        .isRecovered(opened),
    ).toBe(true);
  });
});

describe('another unit', () => {
  it('is told from hours that nobody can believe, and is over when there are none for two days', () => {
    const wrong = verdictsOf([scored(LAST, () => 0.01, 3)]);
    expect(wrong.firing).toEqual(['wrong-unit']);
    const opened = evidenceOf(wrong, 'wrong-unit');
    expect(judged(0.01).of('wrong-unit').isRecovered(opened)).toBe(false);
    expect(judged(0.01, 0.01).of('wrong-unit').isRecovered(opened)).toBe(true);
  });
});
