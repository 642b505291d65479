import { basename, join, relative } from 'node:path';
import { Command, Option } from 'commander';
import { zoneOfCsv } from '../../main/csv-file.ts';
import { requireSiteId } from '../../main/site-id.ts';
import { openWorkbench } from '../../main/workbench.ts';
import { percent } from '../../report/format.ts';
import { trainingReport } from '../../report/training-report.ts';
import { verdictText } from '../../report/verdict.ts';
import { type Cli, colorsOf, print, printJson } from '../cli.ts';
import { placeOf, readSiteData } from '../input/site-data.ts';
import { csvOption, holidaysOption, ibgeOption, jsonOption, wholeNumber, withExamples } from '../options.ts';
import { type OutputFolder, openOutputFolder, RESULT_FILE } from '../output/folder.ts';
import { createProgress, type Progress } from '../output/progress.ts';
import { scoreTable } from '../output/scores.ts';
import { trainModel, type Wish } from '../training/job.ts';
import { presentRun, type Run, reportOf, scoreRows } from '../training/present.ts';
import { cleanedWindow, type WindowWish } from '../training/request.ts';

interface TrainOptions extends WindowWish {
  readonly csv: string;
  readonly model: Wish['modelType'];
  readonly members: Wish['members'];
  readonly out?: string;
  readonly zone?: string;
  readonly ibge?: string;
  readonly holidays?: string;
  readonly seed: number;
  readonly system?: string;
  readonly force?: true;
  readonly json?: true;
}

const MODEL_FILE = 'forecast.onnx';
const REPORT_FILE = 'report.html';
const VERSION = '1.0.0';
const MODELS: readonly Wish['modelType'][] = ['ensemble', 'lstm', 'xgboost', 'prophet', 'linear', 'profile'];

/** A site's id from the name of its file: `Plant 7 (north).csv` is `plant-7-north`. */
function idOfFile(file: string): string {
  const id = basename(file)
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  return id === '' ? 'site' : id;
}

async function runTraining(options: TrainOptions, wish: Wish, cli: Cli, progress: Progress): Promise<Run> {
  const zone = options.zone ?? (await zoneOfCsv(options.csv));
  const place = await placeOf({ ...options, zone });
  const data = await readSiteData(options.csv, cli, progress);
  const cleaned = cleanedWindow(options, data, place);
  const { report } = cleaned;
  progress.done(
    `training window of ${(report.hours / 24).toFixed(0)} days, ${report.filledHours} h filled, ${report.missingHours} h missing`,
  );
  for (const { message } of report.findings) progress.note(message);
  const workbench = openWorkbench(cli.env['LIFO4_LOG_LEVEL'] ?? 'silent');
  try {
    const trained = await trainModel(wish, cleaned, place, { workbench, cli, progress });
    const seconds = trained.result.cpuSeconds.toFixed(1);
    progress.done(`trained in ${seconds} CPU seconds; the file computes what the trainer does`);
    for (const { model, outcome, reason } of trained.result.members) {
      if (outcome !== 'trained') progress.note(`${model} ${outcome}: ${reason ?? 'no reason given'}`);
    }
    return { wish, data, place, cleaned, trained };
  } finally {
    await workbench.close();
  }
}

/** The files of the other models, beside the one that was asked for. */
function modelFiles({ trained, wish }: Run): readonly (readonly [name: string, bytes: Uint8Array])[] {
  const others = trained.result.modelArtifacts.filter(({ modelType }) => modelType !== wish.modelType);
  return others.map(({ modelType, artifact }) => [join('models', `${modelType}.onnx`), artifact]);
}

async function writeRun(run: Run, folder: OutputFolder) {
  const models = modelFiles(run);
  const names = [MODEL_FILE, ...models.map(([name]) => name), REPORT_FILE, RESULT_FILE];
  const presented = presentRun(
    run,
    names.map((name) => join(folder.path, name)),
  );
  await folder.write(MODEL_FILE, run.trained.result.artifact);
  for (const [name, bytes] of models) await folder.write(name, bytes);
  await folder.write(REPORT_FILE, trainingReport(reportOf(run)));
  await folder.write(RESULT_FILE, `${JSON.stringify(presented, null, 2)}\n`);
  await folder.commit();
  return presented;
}

function summaryLines(run: Run, folder: OutputFolder, cli: Cli): string[] {
  const { trained, wish } = run;
  const { bold, green, yellow, dim } = colorsOf(cli.stdout, cli.env);
  const days = trained.details.days.origins.length;
  const where = relative(process.cwd(), folder.path) || folder.path;
  const verdict = verdictText(trained.verdict);
  const top = trained.importance.filter(({ increase }) => increase > 0).slice(0, 3);
  return [
    '',
    bold(`  ${wish.systemId} ${wish.version}`) +
      dim(
        `  forecasts from ${days} midnights that the models had not seen; each figure for the 1st and 2nd day`,
      ),
    '',
    ...scoreTable(scoreRows(trained)),
    '',
    `  ${trained.verdict.reason === null ? green('✓') : yellow('!')} ${verdict}`,
    ...(top.length === 0
      ? []
      : [
          `  looks at: ${top.map(({ group, increase }) => `${group.toLowerCase()} (+${percent(increase, 1)})`).join(', ')}`,
        ]),
    '',
    `  ${join(where, MODEL_FILE)}  ${(trained.result.artifact.length / 1024).toFixed(0)} kB  ${dim(trained.artifactHash.slice(0, 23))}…`,
    `  ${join(where, REPORT_FILE)}  open it in a browser`,
    `  ${join(where, RESULT_FILE)}`,
    '',
    dim(`  lifo4-ml predict --csv ${run.data.path} --model ${join(where, MODEL_FILE)}`),
  ];
}

async function train(options: TrainOptions, cli: Cli): Promise<void> {
  const systemId = requireSiteId('--system', options.system ?? idOfFile(options.csv));
  const { model: modelType, members, seed } = options;
  const progress = createProgress(cli, options.json === true);
  const folder = await openOutputFolder(options.out ?? join('lifo4-out', systemId), options.force === true);
  try {
    const run = await runTraining(
      options,
      { systemId, version: VERSION, modelType, members, seed },
      cli,
      progress,
    );
    const presented = await writeRun(run, folder);
    if (options.json === true) printJson(cli.stdout, presented);
    else print(cli.stdout, summaryLines(run, folder, cli));
  } finally {
    progress.close();
    folder.discard();
  }
}

/** `lifo4-ml train` */
export function trainCommand(cli: Cli): Command {
  const command = new Command('train')
    .summary('train a model on a CSV file, with no server at all')
    .description(
      'Trains all models on a CSV file of readings, tests them on the last two weeks, which they have not seen, and writes forecast.onnx, a file of each other model, report.html and result.json.',
    )
    .addOption(csvOption())
    .addOption(new Option('--model <name>', 'what to export').choices(MODELS).default('ensemble'))
    .addOption(
      new Option('--members <which>', 'models of the ensemble: all, or lstm, xgboost and prophet alone')
        .choices(['all', 'documented'])
        .default('all'),
    )
    .option('--out <folder>', 'where the files go (default: ./lifo4-out/SYSTEM)')
    .option(
      '--zone <iana>',
      'time zone of the site (default: from zones.csv beside the file, else America/Sao_Paulo)',
    )
    .addOption(ibgeOption())
    .addOption(holidaysOption())
    .option('--window <days>', 'days to train on, up to the last reading (default: 90)', wholeNumber(1, 9999))
    .option('--from <time>', 'first local day, or instant, of the window, in place of --window')
    .option(
      '--to <time>',
      'last local day of the window, or the instant of its end (default: the last reading)',
    )
    .option('--seed <number>', 'the same data and seed give the same file', wholeNumber(0, 2 ** 31 - 1), 1)
    .option('--system <id>', 'id of the site (default: from the name of the file)')
    .option('--force', 'write into a folder that holds other files')
    .addOption(jsonOption())
    .action((options: TrainOptions) => train(options, cli));
  return withExamples(command, [
    'lifo4-ml train --csv plant.csv',
    'lifo4-ml train --csv plant.csv --zone America/Manaus --ibge 1302603 --window 365 --out models/plant',
    'lifo4-ml train --csv plant.csv --model linear --json > result.json',
  ]);
}
