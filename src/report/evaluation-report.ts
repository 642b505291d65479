import type { Calendar } from '../forecasting/calendar/calendar.ts';
import type { EvaluationDetails } from '../forecasting/details.ts';
import type { ArtifactEvaluation } from '../forecasting/evaluate-artifact.ts';
import type { GroupImportance } from '../forecasting/feature-importance.ts';
import { count, hourOfDay, kw, localTime, percent } from './format.ts';
import { facts, page, section } from './page.ts';
import { daysSections } from './sections/days.ts';
import { residualSections, weekdaySection } from './sections/errors.ts';
import { importanceSection, type ModelRow, modelsSection } from './sections/models.ts';

/** All that a report says of a model over a period. */
export interface EvaluationReport {
  /** For people: site, type and version of the model. */
  readonly model: string;
  readonly source: string;
  readonly calendar: Calendar;
  readonly startDate: string;
  readonly endDate: string;
  readonly evaluation: ArtifactEvaluation;
  readonly details: EvaluationDetails;
  readonly models: readonly ModelRow[];
  readonly importance: readonly GroupImportance[];
  readonly artifactHash: string;
  /** What reading and cleaning found. */
  readonly findings: readonly string[];
}

const hoursText = (hours: readonly number[]): string => hours.map(hourOfDay).join(', ');

function figures({ evaluation, source, artifactHash, findings }: EvaluationReport) {
  const within = percent(evaluation.accuracyTolerance, 0);
  return section('Figures', '', [
    facts([
      [
        `Within ${within} %`,
        `${percent(evaluation.accuracy24h, 1)} % of hours 1–24 ahead, ${percent(evaluation.accuracy48h, 1)} % of hours 25–48`,
      ],
      ['Worst hours', hoursText(evaluation.worstHours)],
      ['Best hours', hoursText(evaluation.bestHours)],
      [
        'Hours',
        `${count(evaluation.evaluatedHours)} scored, ${count(evaluation.missingHours)} without a reading, ${count(evaluation.inSampleHours)} that the model was trained on`,
      ],
      [
        'Midnights',
        `${evaluation.origins} forecast from, ${evaluation.skippedOrigins} left out for want of history`,
      ],
      ['Readings', source],
      ['Model file', artifactHash],
      ...findings.map((text): [string, string] => ['Found', text]),
    ]),
  ]);
}

/** The report of an evaluation as one HTML file that opens offline. */
export function evaluationReport(report: EvaluationReport): string {
  const { evaluation, details, calendar, importance } = report;
  const { metrics } = evaluation;
  const first = localTime(details.days.origins[0] ?? 0, calendar, 'date');
  const last = localTime(details.days.origins.at(-1) ?? 0, calendar, 'date');
  return page({
    title: `Evaluation of ${report.model}`,
    lead: `Forecasts from every local midnight of ${first} to ${last}, 48 hours each, against what was measured.`,
    cards: [
      { value: `${percent(metrics.mape)} %`, label: 'MAPE, hours 1–48' },
      { value: `${percent(metrics.mape24h)} %`, label: 'MAPE, hours 1–24' },
      { value: kw(metrics.rmse), label: 'RMSE, kW' },
      { value: `${percent(metrics.coverage90, 0)} %`, label: 'of hours in the 90 % band' },
    ],
    content: [
      ...daysSections(
        details.days,
        calendar,
        'Each forecast begins at local midnight and knows nothing later; shown is its first day.',
      ),
      modelsSection(report.models, 'The model beside the naive forecasts, on the same hours.'),
      weekdaySection(details.days, calendar),
      residualSections(details.days, calendar),
      ...(importance.length === 0 ? [] : [importanceSection(importance)]),
      figures(report),
    ],
    footer: `All times are local to ${calendar.zone}. This file holds everything it shows and loads nothing.`,
  });
}
