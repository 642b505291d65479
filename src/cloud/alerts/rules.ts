import type { AlertRule, Evidence, OpenedAlert } from '../../events/alert.ts';
import type { ScoredDay } from './days.ts';

/**
 * When an alert opens and when it closes. Pure: the figures and limits go into the fact, so that other limits later
 * change nothing about what was decided. Opening takes more than staying closed, and closing more than not opening,
 * so that an alert does not come and go.
 */

/** Days that the rules look back on. */
export const RULE_DAYS = 14;
const WEEK = 7;
/** Scored days of a week that are enough to speak of it. */
const LEAST_DAYS = 5;
const DAILY = { days: 3, recovered: 2 } as const;
const WEEKLY = { limit: 0.2, recovered: 0.1 } as const;
const HOURLY = { limit: 0.15, hours: 3, days: 5, recovered: 0.12 } as const;
/** Days whose figures say that things are well again. */
const RECENT = 3;
const WRONG_UNIT = { factor: 100, hours: 3 } as const;

export interface Verdict {
  readonly rule: AlertRule;
  /** What opens an alert, null when nothing does. */
  readonly finding: Pick<OpenedAlert, 'evidence' | 'actions' | 'proposedFlag'> | null;
  /** Whether an alert that was opened on this evidence may close. */
  readonly isRecovered: (opened: Evidence) => boolean;
}

const NO_EVIDENCE: Omit<Evidence, 'limit' | 'days'> = { hours: [], weeks: null, suspectHours: 0 };

const figuresOf = (days: readonly ScoredDay[]): Evidence['days'] =>
  days.map(({ day, error, rmseKw }) => ({ day, error, rmseKw }));

/** All days were scored, and hold. */
const every = (days: readonly ScoredDay[], holds: (error: number) => boolean): boolean =>
  days.length > 0 && days.every(({ error }) => error !== null && holds(error));

function dailyMape(days: readonly ScoredDay[], limit: number): Verdict {
  const last = days.slice(-DAILY.days);
  const fires = every(last, (error) => error > limit);
  return {
    rule: 'daily-mape',
    finding: fires
      ? {
          evidence: { ...NO_EVIDENCE, limit, days: figuresOf(last) },
          actions: ['check-load-profile', 'retrain-on-recent-data'],
          proposedFlag: null,
        }
      : null,
    isRecovered: () => every(days.slice(-DAILY.recovered), (error) => error <= limit),
  };
}

interface Level {
  readonly rmseKw: number;
  readonly meanKw: number;
}

/** RMSE and mean load over the scored days; null when fewer than `least` were scored. */
function levelOf(days: readonly ScoredDay[], least: number): Level | null {
  const scored = days.flatMap(({ rmseKw, meanKw, hours }) =>
    rmseKw === null || meanKw === null ? [] : [{ rmseKw, meanKw, count: hours.length }],
  );
  if (scored.length < least) return null;
  const count = scored.reduce((sum, each) => sum + each.count, 0);
  const squares = scored.reduce((sum, { rmseKw, count: n }) => sum + rmseKw ** 2 * n, 0);
  const load = scored.reduce((sum, { meanKw, count: n }) => sum + meanKw * n, 0);
  return { rmseKw: Math.sqrt(squares / count), meanKw: load / count };
}

/** As good as before, as it is or measured by the load: a plant that grew errs by more kilowatts. */
function isBackAt(recent: Level | null, weeks: Evidence['weeks']): boolean {
  if (recent === null || weeks === null) return false;
  const allowed = 1 + WEEKLY.recovered;
  return (
    recent.rmseKw <= allowed * weeks.rmseBeforeKw ||
    recent.rmseKw * weeks.meanBeforeKw <= allowed * weeks.rmseBeforeKw * recent.meanKw
  );
}

function weeklyRmse(days: readonly ScoredDay[]): Verdict {
  const week = levelOf(days.slice(-WEEK), LEAST_DAYS);
  const before = levelOf(days.slice(-2 * WEEK, -WEEK), LEAST_DAYS);
  const fires = week !== null && before !== null && week.rmseKw > (1 + WEEKLY.limit) * before.rmseKw;
  const recent = levelOf(days.slice(-RECENT), RECENT - 1);
  return {
    rule: 'weekly-rmse',
    finding: fires
      ? {
          evidence: {
            ...NO_EVIDENCE,
            limit: WEEKLY.limit,
            days: figuresOf(days.slice(-2 * WEEK)),
            weeks: {
              ...{ rmseKw: week.rmseKw, meanKw: week.meanKw },
              ...{ rmseBeforeKw: before.rmseKw, meanBeforeKw: before.meanKw },
            },
          },
          actions: ['check-load-profile', 'retrain-on-recent-data'],
          proposedFlag: null,
        }
      : null,
    isRecovered: ({ weeks }) => !fires && isBackAt(recent, weeks),
  };
}

type HourError = Evidence['hours'][number];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Error of each local hour over the days, as a share of the load of that hour, and on how many days it is large. */
function hourErrors(days: readonly ScoredDay[]): readonly HourError[] {
  const byHour = Map.groupBy(
    days.flatMap(({ hours }) => hours),
    ({ hour }) => hour,
  );
  return [...byHour].flatMap(([hour, values]) => {
    const load = sum(values.map(({ actualKw }) => Math.abs(actualKw)));
    if (load === 0) return [];
    const error = sum(values.map(({ errorKw }) => Math.abs(errorKw))) / load;
    const large = values.filter(
      ({ errorKw, actualKw }) => Math.abs(errorKw) > HOURLY.limit * Math.abs(actualKw),
    );
    return [{ hour, error, days: large.length }];
  });
}

const scoredCount = (days: readonly ScoredDay[]): number =>
  days.filter(({ hours }) => hours.length > 0).length;

function hourly(days: readonly ScoredDay[]): Verdict {
  const week = days.slice(-WEEK);
  const recent = days.slice(-RECENT);
  const wrong = hourErrors(week)
    .filter(({ error, days: on }) => error > HOURLY.limit && on >= HOURLY.days)
    .sort((a, b) => a.hour - b.hour);
  const fires = scoredCount(week) >= LEAST_DAYS && wrong.length >= HOURLY.hours;
  const hours = wrong.map(({ hour }) => hour);
  return {
    rule: 'hour-errors',
    finding: fires
      ? {
          evidence: { ...NO_EVIDENCE, limit: HOURLY.limit, days: figuresOf(week), hours: wrong },
          actions: ['add-event-flag', 'check-load-profile', 'retrain-on-recent-data'],
          proposedFlag: { label: `hours-${hours.join('-')}`.slice(0, 60), hours },
        }
      : null,
    isRecovered: (opened) => {
      if (fires || scoredCount(recent) < RECENT - 1) return false;
      const named = new Set(opened.hours.map(({ hour }) => hour));
      const still = hourErrors(recent).filter(
        ({ hour, error }) => named.has(hour) && error > HOURLY.recovered,
      );
      return still.length < HOURLY.hours;
    },
  };
}

function wrongUnit(days: readonly ScoredDay[]): Verdict {
  const last = days.slice(-1);
  const suspectHours = last[0]?.suspectHours ?? 0;
  return {
    rule: 'wrong-unit',
    finding:
      suspectHours >= WRONG_UNIT.hours
        ? {
            evidence: { ...NO_EVIDENCE, limit: WRONG_UNIT.factor, days: figuresOf(last), suspectHours },
            actions: ['check-meter-unit'],
            proposedFlag: null,
          }
        : null,
    isRecovered: () =>
      days.slice(-DAILY.recovered).every(({ error, suspectHours: n }) => error !== null && n === 0),
  };
}

/**
 * The verdicts on the last of `days` ({@link RULE_DAYS} of them, ascending). `target` is the error that the site's
 * daily forecasts may have, a fraction.
 */
export const judgeDays = (days: readonly ScoredDay[], target: number): readonly Verdict[] => [
  dailyMape(days, target),
  weeklyRmse(days),
  hourly(days),
  wrongUnit(days),
];
