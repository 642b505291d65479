import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { type LoadHours, loadChart, loadLegend } from '../charts/load-chart.ts';
import { weeksChart } from '../charts/weeks-chart.ts';
import { count, localTime, percent } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { asTable, section, table } from '../page.ts';
import type { ReplayedDay, ReplayedJob, ReplayedWeek, ReplayReport } from './replayed.ts';
import { actionsText, endText, evidenceText, ruleText, triggerText, when } from './words.ts';

const weekRow = (week: ReplayedWeek, name = week.week) => ({
  cells: [
    name,
    percent(week.device),
    percent(week.seasonalNaive),
    percent(week.neverRetrained),
    percent(week.coverage, 0),
    count(week.hours),
    week.versions.join(', '),
  ],
});

const WEEK_HEADER = [
  'Week of',
  'Device %',
  'Last week’s value %',
  'Never retrained %',
  'In band %',
  'Hours',
  'Models',
];

const legend: Markup = html`<p class="legend"><span class="key"></span>device <span class="key k-naive"></span>last week’s value <span class="key k-first"></span>first model, never retrained <span class="key k-mark">▲</span>a new model begins to serve <span class="key k-alert"></span>an alert is open</p>`;

/** Accuracy by week beside what there would have been without retraining, and without any model. */
export function accuracySection({ accuracy, folded, to, firstVersion }: ReplayReport): Markup {
  const { weeks, all } = accuracy;
  const chart = weeksChart(
    {
      weeks: weeks.map(({ week }) => week),
      lines: [
        { kind: 'naive', values: weeks.map(({ seasonalNaive }) => seasonalNaive) },
        { kind: 'first', values: weeks.map(({ neverRetrained }) => neverRetrained) },
        { kind: 'forecast', values: weeks.map(({ device }) => device) },
      ],
      models: folded.deployments.flatMap(({ activeAt, version }) =>
        activeAt === null ? [] : [{ at: activeAt, version }],
      ),
      alerts: folded.alerts.map(({ openedAt, resolvedAt }) => ({ from: openedAt, to: resolvedAt ?? to })),
    },
    {
      id: 'weeks',
      title: 'MAPE by week',
      description:
        'Error by week of the device’s forecasts, of last week’s value and of the first model; the table has the figures.',
    },
  );
  const note = `MAPE of the forecasts issued at local midnight, hours 1–24, all three on the same hours. “Never retrained” is version ${firstVersion ?? '–'}, the first that served, had nothing followed it.`;
  return section('Accuracy by week', note, [
    legend,
    html`<div class="wide">${chart}</div>`,
    asTable(
      table('MAPE in percent', WEEK_HEADER, [...weeks.map((week) => weekRow(week)), weekRow(all, 'All')]),
    ),
  ]);
}

const column = (
  days: readonly ReplayedDay[],
  from: number,
  length: number,
  values: (day: ReplayedDay) => readonly (number | null)[],
) => {
  const laid = new Float64Array(length).fill(Number.NaN);
  for (const day of days) {
    const at = (Date.parse(day.issuedAt) - from) / HOUR_MS;
    values(day).forEach((value, i) => {
      if (at + i < length) laid[at + i] = value ?? Number.NaN;
    });
  }
  return laid;
};

function weekHours(days: readonly ReplayedDay[]): LoadHours {
  const start = Date.parse(days[0]?.issuedAt ?? '');
  const length = (Date.parse(days.at(-1)?.issuedAt ?? '') - start) / HOUR_MS + 24;
  return {
    start,
    actual: column(days, start, length, ({ actualKw }) => actualKw),
    forecast: column(days, start, length, ({ forecastKw }) => forecastKw),
    lower: column(days, start, length, ({ lowerKw }) => lowerKw),
    upper: column(days, start, length, ({ upperKw }) => upperKw),
  };
}

function weekFigure(
  days: readonly ReplayedDay[],
  calendar: Calendar,
  { week, device, seasonalNaive, versions }: ReplayedWeek,
): Markup {
  const hours = weekHours(days);
  const name = localTime(hours.start, calendar, 'date');
  const about = {
    id: `week-${week}`,
    width: 1030,
    title: `Week of ${name}`,
    description: `Forecast and actual load; MAPE ${percent(device)} %.`,
  };
  return html`<figure data-day="${name}"><figcaption>From ${name}: MAPE ${percent(device)} %, last week’s value ${percent(seasonalNaive)} %; model ${versions.join(', ') || 'none'}</figcaption><div class="wide">${loadChart(hours, calendar, about)}</div></figure>`;
}

/** Every week's midnight forecasts against what was measured. */
export function weeksSection({ days, accuracy, calendar }: ReplayReport): Markup {
  const ofWeek = (start: string, end: string | undefined) =>
    days.filter(({ day }) => day >= start && (end === undefined || day < end));
  const figures = accuracy.weeks.map((week, i) =>
    weekFigure(ofWeek(week.week, accuracy.weeks[i + 1]?.week), calendar, week),
  );
  return html`<section class="days" data-name="Week"><h2>Forecast against actual</h2><p class="note">Each day as the device forecast it at its local midnight.</p>${loadLegend}${figures}</section>`;
}

const interval = (low: number | null, high: number | null): string =>
  low === null || high === null ? '' : ` (${percent(low, 0)} to ${percent(high, 0)})`;

function comparedCells(comparison: NonNullable<ReplayedJob['decision']>['comparison']): readonly string[] {
  if (comparison === null) return ['–', '–', '–', '–'];
  const { championMape, challengerMape, gain, gainLower90, gainUpper90, unseenDays } = comparison;
  return [
    percent(championMape),
    percent(challengerMape),
    `${percent(gain, 1)}${interval(gainLower90, gainUpper90)}`,
    String(unseenDays),
  ];
}

function jobRow(job: ReplayedJob, calendar: Calendar) {
  const { decision, requestedAt, version, trigger } = job;
  return {
    ...(job.activeAt === null ? {} : { kind: 'main' as const }),
    cells: [
      when(requestedAt, calendar),
      triggerText(trigger),
      version ?? '–',
      endText(job),
      percent(decision?.challenger),
      percent(decision?.seasonalNaive),
      ...comparedCells(decision?.comparison ?? null),
    ],
  };
}

const JOB_HEADER = [
  ...['Begun', 'Why', 'Version', 'Decision', 'Test error', 'Last week'],
  ...['In service', 'New', 'Gain (90 %)', 'Days'],
];

/** Every training with the numbers that decided. */
export function decisionsSection({ folded, calendar }: ReplayReport): Markup {
  const note =
    'In percent. The test error is that of the last 14 days of the window, hours 1–48, which the tested fit had not seen, beside last week’s value there. The model in service and the new one are compared on so many days that neither has seen. Bold: it came into service.';
  const skipped = folded.skipped.map(
    ({ slot, reason }) => html`<li>The slot of ${when(slot, calendar)} passed without a job: ${reason}</li>`,
  );
  return section('What was decided', note, [
    html`<div class="decided">${table(
      'Times are local to the site.',
      JOB_HEADER,
      folded.jobs.map((job) => jobRow(job, calendar)),
    )}</div>`,
    ...(skipped.length === 0 ? [] : [html`<ul>${skipped}</ul>`]),
  ]);
}

/** Alerts with their evidence. */
export function alertsSection({ folded, calendar }: ReplayReport): Markup {
  const rows = folded.alerts.map((alert) => ({
    cells: [
      when(alert.openedAt, calendar),
      ruleText(alert.rule),
      evidenceText(alert),
      actionsText(alert.actions),
      alert.resolvedAt === null ? 'still open' : when(alert.resolvedAt, calendar),
    ],
  }));
  const none = html`<p>No alert was opened.</p>`;
  return section('Alerts', 'Each day is judged at 06:00 of the next.', [
    rows.length === 0
      ? none
      : html`<div class="prose">${table('', ['Opened', 'What', 'Evidence', 'Advised', 'Closed'], rows)}</div>`,
  ]);
}

interface Seen {
  readonly at: number;
  readonly what: string;
}

function seenOf({ folded }: ReplayReport): Seen[] {
  const events: Seen[] = [
    ...folded.jobs.map((job) => ({
      at: job.requestedAt,
      what: `Training ${job.version ?? ''} (${triggerText(job.trigger)}): ${endText(job)}`,
    })),
    ...folded.alerts.map((alert) => ({
      at: alert.openedAt,
      what: `Alert: ${ruleText(alert.rule)}. ${evidenceText(alert)}. Advised: ${actionsText(alert.actions)}`,
    })),
    ...folded.alerts.flatMap(({ resolvedAt, rule }) =>
      resolvedAt === null ? [] : [{ at: resolvedAt, what: `Closed: ${ruleText(rule)}` }],
    ),
    ...folded.deployments.flatMap(({ activeAt, version }) =>
      activeAt === null ? [] : [{ at: activeAt, what: `The device runs ${version}` }],
    ),
    ...folded.deployments.flatMap(({ failedAt, version }) =>
      failedAt === null ? [] : [{ at: failedAt, what: `The device took ${version} back` }],
    ),
  ];
  return events.sort((a, b) => a.at - b.at);
}

/** The same as a log, in the order in which it would have been seen. */
export function logSection(report: ReplayReport): Markup {
  const items = seenOf(report).map(
    ({ at, what }) => html`<dt>${when(at, report.calendar)}</dt><dd>${what}</dd>`,
  );
  return section('What an operator would have seen', '', [
    html`<details><summary>${items.length} events in their order</summary><dl class="facts">${items}</dl></details>`,
  ]);
}
