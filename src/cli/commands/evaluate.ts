import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { METADATA } from '../../forecasting/artifact.ts';
import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import { parseDate } from '../../forecasting/calendar/day.ts';
import { type CleanedData, cleanReadings } from '../../forecasting/cleaning/clean.ts';
import type { EvaluationDetails } from '../../forecasting/details.ts';
import type { ArtifactEvaluation } from '../../forecasting/evaluate-artifact.ts';
import { evaluateInDetail } from '../../forecasting/evaluate-in-detail.ts';
import { featureImportance } from '../../forecasting/feature-importance.ts';
import { parseLayout } from '../../forecasting/features/layout.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../../forecasting/horizon.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { openWorkbench } from '../../main/workbench.ts';
import { evaluationReport } from '../../report/evaluation-report.ts';
import { hourOfDay, kw, percent } from '../../report/format.ts';
import type { ModelRow } from '../../report/sections/models.ts';
import { type Cli, colorsOf, print, printJson } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { type ModelWish, type OpenedModel, openModel } from '../input/model.ts';
import { localDateOf, localDay } from '../input/period.ts';
import { tellSensors } from '../input/sensors.ts';
import { readSiteData, type SiteData } from '../input/site-data.ts';
import {
  csvOption,
  holidaysOption,
  ibgeOption,
  jsonOption,
  modelOption,
  reportOption,
  siteOptions,
  withExamples,
} from '../options.ts';
import { writeWhole } from '../output/folder.ts';
import { outside } from '../output/numbers.ts';
import { createProgress, type Progress } from '../output/progress.ts';
import { presentScores, scoreTable } from '../output/scores.ts';

interface EvaluateOptions extends ModelWish {
  readonly csv: string;
  readonly from?: string;
  readonly to?: string;
  readonly report?: string;
  readonly json?: true;
}

/** Local days whose midnights are forecast from. */
interface Period {
  readonly startDate: string;
  readonly endDate: string;
}

interface Evaluated {
  readonly opened: OpenedModel;
  readonly data: SiteData;
  readonly cleaned: CleanedData;
  readonly period: Period;
  readonly evaluation: ArtifactEvaluation;
  readonly details: EvaluationDetails;
}

const DAY_MS = 24 * HOUR_MS;
/** Days evaluated when none are named. */
const DEFAULT_DAYS = 14;
/** Hours read before the first midnight: the history, and a week in which its gaps find neighbours. */
const BEFORE_HOURS = HISTORY_HOURS + 168;

/**
 * The days asked for; else those that the model was not trained on, at most the last {@link DEFAULT_DAYS}; else the
 * file's last ones, which the count of in-sample hours then shows.
 */
function periodOf(
  { from, to }: EvaluateOptions,
  data: SiteData,
  { place, trainedUntil }: OpenedModel,
): Period {
  const { calendar } = place;
  // The last midnight with a whole day measured after it.
  const endDate = to === undefined ? localDateOf(data.to - DAY_MS, calendar) : localDay('--to', to);
  if (from !== undefined) {
    const startDate = localDay('--from', from);
    if (startDate > endDate)
      throw new UsageError(
        `--from: ${startDate} lies after the last day, ${endDate}; name an earlier day, or exchange --from and --to`,
      );
    return { startDate, endDate };
  }
  const end = calendar.startOf(parseDate(endDate) ?? 0);
  const latest = end - (DEFAULT_DAYS - 1) * DAY_MS;
  const unseen = trainedUntil <= end ? Math.max(latest, trainedUntil) : latest;
  const begin = calendar.midnights(unseen, end + HOUR_MS)[0] ?? end;
  return { startDate: localDateOf(begin, calendar), endDate };
}

/** @throws {UsageError} when the file has no reading in the period */
function requireReadings(
  { startDate, endDate }: Period,
  { path, from, to }: SiteData,
  calendar: Calendar,
): void {
  const covered = [localDateOf(from, calendar), localDateOf(to - HOUR_MS, calendar)] as const;
  if (startDate <= covered[1] && endDate >= covered[0]) return;
  throw new UsageError(
    `--from and --to: ${basename(path)} has no readings from ${startDate} to ${endDate}; it covers ${covered.join(' to ')}`,
  );
}

/** The hours that an evaluation looks at, cleaned. */
function cleanedPeriod({ startDate, endDate }: Period, data: SiteData, { place }: OpenedModel): CleanedData {
  const { calendar } = place;
  const first = calendar.startOf(parseDate(startDate) ?? 0);
  const last = calendar.startOf((parseDate(endDate) ?? 0) + 1);
  const from = first - BEFORE_HOURS * HOUR_MS;
  const to = Math.min(data.to, last + (HORIZON_HOURS - 24) * HOUR_MS);
  return cleanReadings(data.readings, { calendar, from, to });
}

async function evaluateFile(
  options: EvaluateOptions,
  opened: OpenedModel,
  cli: Cli,
  progress: Progress,
): Promise<Evaluated> {
  const data = await readSiteData(options.csv, cli, progress);
  tellSensors(opened.session.metadata, data.readings, progress);
  const period = periodOf(options, data, opened);
  requireReadings(period, data, opened.place.calendar);
  const cleaned = cleanedPeriod(period, data, opened);
  for (const { message } of cleaned.report.findings) progress.note(message);
  const { session, place } = opened;
  const task = { session, calendar: place.calendar, series: cleaned.series, ...period, signal: cli.signal };
  const { evaluation, details } = await evaluateInDetail(task);
  if (evaluation.skippedOrigins > 0) {
    progress.note(
      `${evaluation.skippedOrigins} midnights of the period are left out: too little is measured before them`,
    );
  }
  if (evaluation.inSampleHours > 0) {
    progress.note(
      `the model was trained on ${evaluation.inSampleHours} of the ${evaluation.evaluatedHours} hours: its error on new days will be larger`,
    );
  }
  return { opened, data, cleaned, period, evaluation, details };
}

function rowsOf({ opened, evaluation, details }: Evaluated): ModelRow[] {
  const own = {
    model: 'ensemble',
    role: 'chosen',
    name: opened.modelType,
    scores: details.scores,
    coverage: evaluation.metrics.coverage90,
  } as const;
  return [own, ...details.baselines];
}

/** The names and units of the service's own answer to an evaluation, with the period and the naive forecasts. */
function presentEvaluation(evaluated: Evaluated) {
  const { opened, period, evaluation, details } = evaluated;
  const { metrics } = evaluation;
  return {
    systemId: opened.systemId,
    modelVersion: opened.version,
    modelType: opened.modelType,
    ...period,
    mape: outside(metrics.mape),
    rmse: metrics.rmse,
    accuracy24h: outside(evaluation.accuracy24h),
    accuracy48h: outside(evaluation.accuracy48h),
    worstHours: evaluation.worstHours,
    bestHours: evaluation.bestHours,
    mape24h: outside(metrics.mape24h),
    mape48h: outside(metrics.mape48h),
    wape: outside(metrics.wape),
    mase: metrics.mase,
    coverage90: outside(metrics.coverage90),
    accuracyTolerancePct: outside(evaluation.accuracyTolerance),
    inSampleHours: evaluation.inSampleHours,
    evaluatedHours: evaluation.evaluatedHours,
    excludedHours: metrics.excludedHours,
    missingHours: evaluation.missingHours,
    origins: evaluation.origins,
    skippedOrigins: evaluation.skippedOrigins,
    baselines: Object.fromEntries(
      details.baselines.map(({ model, scores }) => [model, presentScores(scores)]),
    ),
  };
}

async function reportText(evaluated: Evaluated, cli: Cli): Promise<string> {
  const { opened, data, cleaned, period, evaluation, details } = evaluated;
  const { session, place, title, checksum } = opened;
  const { calendar } = place;
  const layout = parseLayout(session.metadata[METADATA.layout]);
  const importance = await featureImportance({
    session,
    layout,
    calendar,
    series: cleaned.series,
    seed: 1,
    signal: cli.signal,
  });
  return evaluationReport({
    model: title,
    source: basename(data.path),
    ...{ calendar, evaluation, details, importance },
    ...period,
    models: rowsOf(evaluated),
    artifactHash: checksum,
    findings: [...data.notes, ...cleaned.report.findings.map(({ message }) => message)],
  });
}

function summaryLines(evaluated: Evaluated, cli: Cli): string[] {
  const { opened, period, evaluation } = evaluated;
  const { bold, dim } = colorsOf(cli.stdout, cli.env);
  const { metrics, accuracy24h, accuracy48h, accuracyTolerance, worstHours, bestHours } = evaluation;
  const hours = (list: readonly number[]): string => list.map(hourOfDay).join(', ');
  return [
    '',
    `  ${bold(opened.title)}  ${dim(`forecasts from ${evaluation.origins} midnights, ${period.startDate} to ${period.endDate}`)}`,
    '',
    `  MAPE ${percent(metrics.mape)} %   RMSE ${kw(metrics.rmse)} kW   in the 90 % band ${percent(metrics.coverage90, 0)} %`,
    `  within ${percent(accuracyTolerance, 0)} %: ${percent(accuracy24h, 1)} % of hours 1–24, ${percent(accuracy48h, 1)} % of hours 25–48`,
    `  worst hours ${hours(worstHours)}   best hours ${hours(bestHours)}`,
    '',
    ...scoreTable(rowsOf(evaluated)),
  ];
}

async function evaluate(options: EvaluateOptions, cli: Cli): Promise<void> {
  const progress = createProgress(cli, options.json === true);
  const workbench = openWorkbench(cli.env['LIFO4_LOG_LEVEL'] ?? 'silent');
  const opened = await openModel(options, workbench.loadModel);
  try {
    const evaluated = await evaluateFile(options, opened, cli, progress);
    if (options.report !== undefined) {
      const path = await writeWhole('--report', options.report, await reportText(evaluated, cli));
      progress.done(`report: ${path}`);
    }
    if (options.json === true) printJson(cli.stdout, presentEvaluation(evaluated));
    else print(cli.stdout, summaryLines(evaluated, cli));
  } finally {
    progress.close();
    await opened.session.close();
    await workbench.close();
  }
}

/** `lifo4-ml evaluate` */
export function evaluateCommand(cli: Cli): Command {
  const command = new Command('evaluate')
    .summary('compare the forecasts of a model file with what then happened')
    .description(
      'Forecasts from every local midnight of a period, seeing nothing later, and compares with the readings: the figures of the service’s own evaluation, beside yesterday’s and last week’s values.',
    )
    .addOption(csvOption())
    .addOption(modelOption())
    .addOption(
      new Option(
        '--from <day>',
        'first local day (default: days that the model was not trained on, at most 14)',
      ),
    )
    .addOption(new Option('--to <day>', 'last local day (default: the last whole day of the file)'));
  for (const option of [...siteOptions(), ibgeOption(), holidaysOption(), reportOption(), jsonOption()])
    command.addOption(option);
  command.action((options: EvaluateOptions) => evaluate(options, cli));
  return withExamples(command, [
    'lifo4-ml evaluate --csv plant.csv --model lifo4-out/plant/forecast.onnx',
    'lifo4-ml evaluate --csv plant.csv --model forecast.onnx --from 2026-01-01 --to 2026-01-31 --report january.html',
  ]);
}
