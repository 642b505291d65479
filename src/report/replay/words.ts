import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import { hourOfDay, kw, localTime, percent } from '../format.ts';
import type { ReplayedAlert, ReplayedJob } from './replayed.ts';

/** What facts say, in words. */

const REASONS: Readonly<Record<string, string>> = {
  'target-missed': 'error above target',
  'not-better-than-naive': 'no better than last week',
  'not-enough-unseen-days': 'too few unseen days',
  'not-better-than-champion': 'not 5 % better',
  'champion-changed': 'another model came first',
  'held-for-rollout': 'held for a rollout',
  'no-device': 'no device',
  'site-gone': 'site decommissioned',
};

const RULES: Readonly<Record<string, string>> = {
  'daily-mape': 'Daily error over target',
  'weekly-rmse': 'Weekly error rose',
  'hour-errors': 'Certain hours are wrong',
  'wrong-unit': 'Meter in another unit',
};

const ACTIONS: Readonly<Record<string, string>> = {
  'check-load-profile': 'check the load profile',
  'retrain-on-recent-data': 'retrain on recent data',
  'add-event-flag': 'add an event flag for those hours',
  'check-meter-unit': 'check the meter’s unit',
};

const TRIGGERS: Readonly<Record<string, string>> = {
  manual: 'first training',
  weekly: 'weekly',
  alert: 'by an alert',
};

const wordsOf = (words: Readonly<Record<string, string>>, code: string): string => words[code] ?? code;

export const triggerText = (trigger: string): string => wordsOf(TRIGGERS, trigger);
export const ruleText = (rule: string): string => wordsOf(RULES, rule);
export const actionsText = (actions: readonly string[]): string =>
  actions.map((action) => wordsOf(ACTIONS, action)).join(', ');

/** What became of a job. */
export function endText({ state, reason }: ReplayedJob): string {
  switch (state) {
    case 'acked':
      return 'deployed';
    case 'kept':
      return `kept: ${wordsOf(REASONS, reason ?? '')}`;
    case 'rolledback':
      return `taken back by the device: ${reason ?? 'no reason given'}`;
    default:
      return reason === null ? state : `${state}: ${reason}`;
  }
}

/** The figures that opened an alert. */
export function evidenceText({ rule, evidence }: ReplayedAlert): string {
  const { days, hours, weeks, limit, suspectHours } = evidence;
  if (rule === 'wrong-unit') return `${suspectHours} hours more than ${limit} times too high`;
  if (weeks !== null)
    return `RMSE of the week ${kw(weeks.rmseKw)} kW, ${kw(weeks.rmseBeforeKw)} kW the week before`;
  if (hours.length > 0)
    return hours
      .map(({ hour, error, days: on }) => `${hourOfDay(hour)} ${percent(error, 0)} % (${on} days)`)
      .join(', ');
  return days.map(({ day, error }) => `${day.slice(5)} ${percent(error, 1)} %`).join(', ');
}

/** Local date and time. */
export const when = (at: number, calendar: Calendar): string =>
  `${localTime(at, calendar, 'date')}, ${localTime(at, calendar, 'clock')}`;
