import { basename } from 'node:path';
import { Command, Option } from 'commander';
import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import { type BridgedHistory, bridgeHistory, NoHistory } from '../../forecasting/cleaning/history.ts';
import { publishedPrices } from '../../forecasting/cleaning/prices.ts';
import { expectedStops } from '../../forecasting/cleaning/stops.ts';
import { type ForecastHour, forecastAt } from '../../forecasting/forecast-at.ts';
import { noOutlook } from '../../forecasting/series.ts';
import { openWorkbench } from '../../main/workbench.ts';
import { forecastReport } from '../../report/forecast-report.ts';
import { kw, localTime, percent } from '../../report/format.ts';
import { type Cli, colorsOf, print, printJson } from '../cli.ts';
import { Refused } from '../failure.ts';
import { type ModelWish, type OpenedModel, openModel } from '../input/model.ts';
import { beginOf } from '../input/period.ts';
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
import { plotLines } from '../output/plot.ts';
import { createProgress, type Progress } from '../output/progress.ts';
import { tableLines } from '../output/table.ts';

type Format = 'table' | 'csv' | 'json';

interface PredictOptions extends ModelWish {
  readonly csv: string;
  readonly at?: string;
  readonly format: Format;
  readonly report?: string;
  readonly json?: true;
}

interface Predicted {
  readonly opened: OpenedModel;
  readonly data: SiteData;
  readonly issueTime: number;
  readonly hours: readonly ForecastHour[];
}

async function predictFile(
  options: PredictOptions,
  opened: OpenedModel,
  cli: Cli,
  progress: Progress,
): Promise<Predicted> {
  const { session, place } = opened;
  const { calendar } = place;
  const data = await readSiteData(options.csv, cli, progress);
  tellSensors(opened.session.metadata, data.readings, progress);
  const issueTime = options.at === undefined ? data.to : beginOf('--at', options.at, calendar);
  const history = historyOf(data, issueTime, calendar);
  const outlook = { ...noOutlook, price: publishedPrices(data.readings) };
  if (history.filled > 0)
    progress.note(`${history.filled} of the 720 hours before were not measured and are bridged`);
  return {
    opened,
    data,
    issueTime,
    hours: await forecastAt({ session, calendar, history, issueTime, outlook }),
  };
}

/** @throws {Refused} when too little was measured before the issue time, saying what the file covers */
function historyOf(data: SiteData, issueTime: number, calendar: Calendar): BridgedHistory {
  try {
    return bridgeHistory(data.readings, issueTime, expectedStops(calendar));
  } catch (error) {
    if (!(error instanceof NoHistory)) throw error;
    throw new Refused(
      'no-history',
      `${basename(data.path)}: of the 30 days before ${stamp(issueTime)} too few hours are measured, or the newest is over a week old (the file covers ${stamp(data.from)} to ${stamp(data.to)}); choose another time with --at, or add the missing readings`,
    );
  }
}

const stamp = (hour: number): string => `${new Date(hour).toISOString().slice(0, 19)}Z`;
const twoDigits = (value: number): number => Math.round(value * 100) / 100;

function presentForecast({ opened, issueTime, hours }: Predicted) {
  return {
    systemId: opened.systemId,
    modelVersion: opened.version,
    modelType: opened.modelType,
    zone: opened.place.zone,
    issuedAt: stamp(issueTime),
    hours: hours.map(({ hour, loadKw, lowerKw, upperKw, peakProbability }) => ({
      hour: stamp(hour),
      loadKw: twoDigits(loadKw),
      lowerKw: twoDigits(lowerKw),
      upperKw: twoDigits(upperKw),
      peakProbability: outside(peakProbability),
    })),
  };
}

function csvLines(predicted: Predicted): string[] {
  const rows = presentForecast(predicted).hours.map(({ hour, loadKw, lowerKw, upperKw, peakProbability }) =>
    [hour, loadKw, lowerKw, upperKw, peakProbability ?? ''].join(','),
  );
  return ['timestamp_utc,load_kw,lower_kw,upper_kw,peak_probability_pct', ...rows];
}

function tableOf({ opened, issueTime, hours }: Predicted, cli: Cli): string[] {
  const { calendar, zone } = opened.place;
  const colors = colorsOf(cli.stdout, cli.env);
  const rows = hours.map(({ hour, loadKw, lowerKw, upperKw, peakProbability }) => [
    localTime(hour, calendar, 'hour'),
    kw(loadKw),
    kw(lowerKw),
    kw(upperKw),
    percent(peakProbability, 1),
  ]);
  return [
    '',
    `  ${colors.bold(opened.title)}  ${colors.dim(`issued ${localTime(issueTime, calendar, 'hour')}, ${zone}`)}`,
    '',
    ...plotLines(hours, kw, colors),
    '',
    ...tableLines(['local time', 'kW', 'lower', 'upper', 'peak %'], rows),
  ];
}

/** What was measured in the forecast's hours already. */
function actualOf({ data, hours }: Predicted): number[] {
  const known = new Map(
    data.readings.map(({ hour, loadKw, batteryKw = 0, pvKw = 0 }) => [
      hour,
      (loadKw ?? Number.NaN) + batteryKw + pvKw,
    ]),
  );
  return hours.map(({ hour }) => known.get(hour) ?? Number.NaN);
}

function show(predicted: Predicted, format: Format, cli: Cli): void {
  switch (format) {
    case 'json':
      printJson(cli.stdout, presentForecast(predicted));
      break;
    case 'csv':
      print(cli.stdout, csvLines(predicted));
      break;
    case 'table':
      print(cli.stdout, tableOf(predicted, cli));
      break;
  }
}

async function predict(options: PredictOptions, cli: Cli): Promise<void> {
  const format = options.json === true ? 'json' : options.format;
  const progress = createProgress(cli, format !== 'table');
  const workbench = openWorkbench(cli.env['LIFO4_LOG_LEVEL'] ?? 'silent');
  const opened = await openModel(options, workbench.loadModel);
  try {
    const predicted = await predictFile(options, opened, cli, progress);
    if (options.report !== undefined) {
      const { calendar } = opened.place;
      const text = forecastReport({
        model: opened.title,
        calendar,
        hours: predicted.hours,
        actual: actualOf(predicted),
      });
      progress.done(`report: ${await writeWhole('--report', options.report, text)}`);
    }
    show(predicted, format, cli);
  } finally {
    progress.close();
    await opened.session.close();
    await workbench.close();
  }
}

/** `lifo4-ml predict` */
export function predictCommand(cli: Cli): Command {
  const command = new Command('predict')
    .summary('forecast the next 48 hours with a model file')
    .description(
      'Forecasts 48 hours with their 90 % band and the chance of being the local day’s highest hour, from the 30 days of readings before.',
    )
    .addOption(csvOption())
    .addOption(modelOption())
    .addOption(
      new Option(
        '--at <time>',
        'first hour forecast: an instant, or a local day for its midnight (default: after the last reading)',
      ),
    )
    .addOption(
      new Option('--format <form>', 'how it is printed').choices(['table', 'csv', 'json']).default('table'),
    );
  for (const option of [...siteOptions(), ibgeOption(), holidaysOption(), reportOption(), jsonOption()])
    command.addOption(option);
  command.action((options: PredictOptions) => predict(options, cli));
  return withExamples(command, [
    'lifo4-ml predict --csv plant.csv --model lifo4-out/plant/forecast.onnx',
    'lifo4-ml predict --csv plant.csv --model forecast.onnx --at 2026-01-31 --format csv > forecast.csv',
  ]);
}
