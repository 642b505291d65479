import { count, localTime, percent } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { type Card, facts, page, section } from '../page.ts';
import type { ReplayReport } from './replayed.ts';
import { accuracySection, alertsSection, decisionsSection, logSection, weeksSection } from './sections.ts';

function against(name: string, device: number | null, other: number | null): Card {
  if (device === null || other === null || other === 0) return { value: '–', label: name };
  const gain = 1 - device / other;
  if (Math.abs(gain) < 0.005)
    return { value: '±0 %', label: `as good as ${name} (${percent(other)}\u00a0%)` };
  const word = gain >= 0 ? 'better' : 'worse';
  return {
    value: `${percent(Math.abs(gain), 0)} %`,
    label: `${word} than ${name} (${percent(other)}\u00a0%)`,
  };
}

function cardsOf({ accuracy, folded }: ReplayReport): Card[] {
  const { device, seasonalNaive, neverRetrained, coverage } = accuracy.all;
  const served = folded.jobs.filter(({ activeAt }) => activeAt !== null).length;
  const open = folded.alerts.filter(({ resolvedAt }) => resolvedAt === null).length;
  return [
    { value: `${percent(device)} %`, label: 'MAPE of the device’s forecasts, hours 1–24' },
    against('last week’s value', device, seasonalNaive),
    against('never retrained', device, neverRetrained),
    { value: `${percent(coverage, 0)} %`, label: 'of hours in the 90 % band' },
    { value: `${folded.jobs.length}`, label: `trainings, ${served} came into service` },
    { value: `${folded.alerts.length}`, label: `alerts, ${open} still open` },
  ];
}

function checksSection({ checks }: ReplayReport): Markup {
  const failed = checks.filter(({ isMet }) => !isMet).length;
  const told =
    failed === 0 ? 'All that was looked up afterwards holds.' : `${failed} of ${checks.length} do not hold.`;
  return html`<section class="verdict ${failed === 0 ? 'yes' : 'no'}"><p>${told}</p><ul class="checks">${checks.map(
    ({ name, isMet, detail }) => html`<li>${isMet ? '✓' : '✗'} ${name}: ${detail}</li>`,
  )}</ul></section>
`;
}

function madeSection({ systemId, source, plan, to, calendar, folded }: ReplayReport): Markup {
  const stopped = to < plan.until ? `, ended at ${localTime(to, calendar, 'date')}` : '';
  return section('How it was made', 'All figures are folded from the log and the stored scores.', [
    facts([
      ['Site', `${systemId}, ${calendar.zone}`],
      ['Load', source ?? 'a simulated plant'],
      [
        'Replayed',
        `${localTime(plan.from, calendar, 'date')} to ${localTime(plan.until - 1, calendar, 'date')}${stopped}`,
      ],
      ['Injected', plan.inject.length === 0 ? 'nothing' : plan.inject.join(', ')],
      ['Facts', count(folded.facts)],
    ]),
  ]);
}

/** The report of a replay as one HTML file that opens offline. */
export function replayReport(report: ReplayReport): string {
  const { systemId, plan, to, calendar, days } = report;
  const from = localTime(plan.from, calendar, 'date');
  const until = localTime(Math.max(plan.from, to - 1), calendar, 'date');
  const isEmpty = days.length === 0;
  return page({
    title: `Replay of ${systemId}`,
    lead: `${from} to ${until}, lived through hour by hour: the device forecast, was scored, watched and retrained as in service.`,
    cards: cardsOf(report),
    content: [
      checksSection(report),
      ...(isEmpty ? [] : [accuracySection(report), weeksSection(report)]),
      decisionsSection(report),
      alertsSection(report),
      logSection(report),
      madeSection(report),
    ],
    footer: `All times are local to ${calendar.zone}. This file holds everything it shows and loads nothing.`,
  });
}
