import type { Calendar } from '../forecasting/calendar/calendar.ts';
import type { BacktestDetails } from '../forecasting/details.ts';
import type { GroupImportance } from '../forecasting/feature-importance.ts';
import type { Verdict } from '../forecasting/gate.ts';
import type { MetricsSummary } from '../forecasting/metrics.ts';
import { count, kw, localTime, percent } from './format.ts';
import { html, type Markup } from './html.ts';
import { beside, facts, page, section } from './page.ts';
import { daysSections } from './sections/days.ts';
import { leadSection, residualSections } from './sections/errors.ts';
import { importanceSection, type ModelRow, modelsSection, weightsSection } from './sections/models.ts';
import { verdictText } from './verdict.ts';

/** All that a report says of a training. */
export interface TrainingReport {
  readonly systemId: string;
  readonly version: string;
  readonly modelType: string;
  readonly seed: number;
  /** For people: the zone, and the municipality where it is known. */
  readonly place: string;
  readonly calendar: Calendar;
  /** Name of the file of readings. */
  readonly source: string;
  readonly window: {
    readonly from: number;
    readonly to: number;
    readonly hours: number;
    readonly filledHours: number;
    readonly missingHours: number;
  };
  /** What reading and cleaning found. */
  readonly findings: readonly string[];
  readonly metrics: MetricsSummary;
  readonly verdict: Verdict;
  readonly models: readonly ModelRow[];
  /** Models that could not be trained, and why. */
  readonly failures: readonly { readonly model: string; readonly reason: string }[];
  readonly details: BacktestDetails;
  readonly importance: readonly GroupImportance[];
  readonly dataHash: string;
  readonly artifactHash: string;
  readonly artifactBytes: number;
  readonly cpuSeconds: number;
}

function cardsOf({ verdict, metrics, details }: TrainingReport) {
  const { challenger, seasonalNaive, metric } = verdict.decision;
  const gain = 1 - challenger / seasonalNaive;
  return [
    { value: `${percent(challenger)} %`, label: `${metric.toUpperCase()}, hours 1–48` },
    {
      value: `${percent(Math.abs(gain), 0)} %`,
      label: `${gain >= 0 ? 'better' : 'worse'} than last week’s value`,
    },
    { value: kw(metrics.rmse), label: 'RMSE, kW' },
    {
      value: metrics.coverage90 === null ? '–' : `${percent(metrics.coverage90, 0)} %`,
      label: 'of hours in the 90 % band',
    },
    { value: String(details.days.origins.length), label: 'days it was tested on' },
  ];
}

const verdictSection = (verdict: Verdict): Markup => {
  const text = verdictText(verdict);
  return html`<section class="verdict ${verdict.reason === null ? 'yes' : 'no'}"><p>${text.charAt(0).toUpperCase()}${text.slice(1)}.</p></section>
`;
};

function dataSection({ window, findings, failures }: TrainingReport): Markup {
  const told = [
    ...findings,
    ...failures.map(({ model, reason }) => `The model ${model} could not be trained: ${reason}`),
  ];
  const note = `${count(window.hours)} hours, ${count(window.filledHours)} of them filled and ${count(window.missingHours)} missing.`;
  const list =
    told.length === 0
      ? html`<p>Nothing had to be mended.</p>`
      : html`<ul>${told.map((text) => html`<li>${text}</li>`)}</ul>`;
  return section('What was found in the data', note, [list]);
}

function madeSection(report: TrainingReport): Markup {
  const { window, calendar } = report;
  return section('How it was made', 'The same data, seed and type of machine give the same file.', [
    facts([
      ['Site', `${report.systemId}, ${report.place}`],
      ['Model', `${report.modelType} ${report.version}`],
      ['Readings', report.source],
      [
        'Window',
        `${localTime(window.from, calendar, 'date')} to ${localTime(window.to - 1, calendar, 'date')}`,
      ],
      ['Seed', String(report.seed)],
      ['Data set', report.dataHash],
      ['forecast.onnx', `${report.artifactHash}, ${(report.artifactBytes / 1024).toFixed(0)} kB`],
      ['Computing', `${report.cpuSeconds.toFixed(1)} CPU seconds`],
    ]),
  ]);
}

/** The report of a training as one HTML file that opens offline. */
export function trainingReport(report: TrainingReport): string {
  const { details, calendar, window, models } = report;
  const days = details.days.origins.length;
  return page({
    title: `Forecast model of ${report.systemId}`,
    lead: `${report.modelType} ${report.version}, trained on ${localTime(window.from, calendar, 'date')} to ${localTime(window.to - 1, calendar, 'date')} and tested on its last ${days} days, which the tested fit had not seen.`,
    cards: cardsOf(report),
    content: [
      verdictSection(report.verdict),
      ...daysSections(
        details.days,
        calendar,
        `Each of the ${days} forecasts begins at local midnight and knows nothing later; shown is its first day. The band is learnt from earlier days alone, so the first days have none.`,
      ),
      modelsSection(models, 'On the same hours. Only what is exported has a band.'),
      beside([weightsSection(models), importanceSection(report.importance)]),
      leadSection(details.grid),
      residualSections(details.days, calendar),
      dataSection(report),
      madeSection(report),
    ],
    footer: `All times are local to ${calendar.zone}. This file holds everything it shows and loads nothing.`,
  });
}
