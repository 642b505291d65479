import type { ScoreStore } from '../../ports/scores.ts';
import type { Screen } from '../terminal/screen.ts';
import { progressBar } from '../terminal/sparkline.ts';
import type { WeekAccuracy } from './accuracy.ts';
import type { ReplayOutcome } from './outcome.ts';
import type { ReplayPlan } from './plan.ts';

/** What people see of a replay on a terminal. */

const DAY_MS = 86_400_000;
const BAR_WIDTH = 24;
const WEEK_DAYS = 7;

const percent = (share: number | null): string =>
  share === null ? '–' : `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;

/** Writes an instant as the site's local time. */
function clockOf(zone: string): (at: number) => string {
  const date = { weekday: 'short', day: '2-digit', month: 'short', year: 'numeric' } as const;
  const time = { hour: '2-digit', minute: '2-digit' } as const;
  const form = new Intl.DateTimeFormat('en-GB', { ...date, ...time, timeZone: zone });
  return (at) => form.format(new Date(at));
}

export interface ReplayScreenOptions {
  readonly screen: Screen;
  readonly systemId: string;
  readonly zone: string;
  readonly plan: ReplayPlan;
  readonly scores: ScoreStore;
  /** The version that serves. */
  readonly version: () => string | null;
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** The line of a replay's progress: site date, week, version, error of the last seven days. */
export function createReplayScreen({ screen, systemId, zone, plan, scores, version }: ReplayScreenOptions) {
  const weeks = Math.ceil((plan.until - plan.from) / (WEEK_DAYS * DAY_MS));
  const clockText = clockOf(zone);
  let mape: number | null = null;
  let lastLook = Number.NEGATIVE_INFINITY;
  let at = plan.from;

  function show(waiting: string): void {
    const share = (at - plan.from) / (plan.until - plan.from);
    const week = Math.min(weeks, Math.floor((at - plan.from) / (WEEK_DAYS * DAY_MS)) + 1);
    const about = [
      clockText(at),
      `week ${week}/${weeks}`,
      `model ${version() ?? '–'}`,
      `MAPE 7 d ${percent(mape)}`,
    ];
    const detail = `${about.join('  ')}${waiting === '' ? '' : `  (${waiting})`}`;
    screen.progress(screen.isTerminal ? progressBar(share, BAR_WIDTH) : `week ${week} of ${weeks}`, detail);
  }

  return {
    waits: show,
    /** An hour of the site is over. */
    async hour(now: number): Promise<void> {
      at = now;
      if (now - lastLook >= DAY_MS) {
        lastLook = now;
        const days = await scores.days({
          systemIds: [systemId],
          from: new Date(now - (WEEK_DAYS + 1) * DAY_MS).toISOString().slice(0, 10),
          to: new Date(now).toISOString().slice(0, 10),
        });
        mape = mean(days.flatMap((day) => day.mape ?? []).slice(-WEEK_DAYS));
      }
      show('');
    },
  };
}

const cells = ({ device, seasonalNaive, neverRetrained }: WeekAccuracy): string =>
  [device, seasonalNaive, neverRetrained].map((share) => percent(share).padStart(10)).join(' ');

/** The figures and checks of a replay, for people. */
export function showOutcome(outcome: ReplayOutcome, screen: Screen): void {
  const { folded, accuracy, checks } = outcome;
  const count = (state: string) => folded.jobs.filter((job) => job.state === state).length;
  const open = folded.alerts.filter(({ resolvedAt }) => resolvedAt === null).length;
  screen.line('');
  const served = folded.jobs.filter(({ activeAt }) => activeAt !== null).length;
  screen.line(
    `  trainings: ${folded.jobs.length} (${served} came into service, ${count('kept')} kept, ${count('rolledback')} taken back, ${count('failed')} failed)`,
  );
  screen.line(`  alerts: ${folded.alerts.length} (${open} open)`);
  screen.line(
    `  ${'MAPE, leads 1–24'.padEnd(17)} ${['device', 'last week', '1st model'].map((name) => name.padStart(10)).join(' ')}`,
  );
  for (const week of accuracy.weeks) screen.line(`  ${week.week.padEnd(17)} ${cells(week)}`);
  screen.line(`  ${'all'.padEnd(17)} ${cells(accuracy.all)}`);
  screen.line('');
  for (const { name, isMet, detail } of checks)
    if (isMet) screen.done(`${name}: ${detail}`);
    else screen.problem(`${name}: ${detail}`);
}
