import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { ReplayOutcome } from '../../main/replay/outcome.ts';
import { parseSpeed } from '../../main/replay/speed.ts';
import { createScreen } from '../../main/terminal/screen.ts';
import type { UpWishes } from '../../main/up.ts';
import { replayReport } from '../../report/replay/replay-report.ts';
import type { Cli } from '../cli.ts';
import { Refused, UsageError } from '../failure.ts';
import { wholeNumber, withExamples } from '../options.ts';
import { requireWritable, writeWhole } from '../output/folder.ts';
import { SETTINGS, untilStopped } from './nodes.ts';

interface UpOptions extends UpWishes {
  readonly speed?: string;
  readonly report?: string;
  readonly from?: string;
  readonly until?: string;
  readonly days?: number;
  readonly inject?: readonly string[];
  readonly stay?: true;
  readonly verify?: number;
}

const REPLAY = `
A replay (--speed) lives through the series on a clock of its own: the device forecasts every hour, scores, alerts,
weekly retrains, deployments and rollbacks happen as they would, and the clock stands still while work is unfinished.
It ends with a report, also after Ctrl-C; the same command with the same --data resumes one that was ended or killed.`;

const DEFAULT_REPORT = 'replay.html';
const MOST_DAYS = 3_660;
const MOST_VERIFIED = 1_000;

/** Options that only a replay has. */
const replayOptions = (): readonly Option[] => [
  new Option('--speed <times>', 'replay the series so many times faster than real, at most; max: no bound'),
  new Option('--from <date>', 'first local day of the replay (default: a year before its end)'),
  new Option('--until <date>', 'last local day of the replay (default: the last one of the series)'),
  new Option('--days <number>', 'length of the replay, instead of --until').argParser(
    wholeNumber(1, MOST_DAYS),
  ),
  new Option(
    '--inject <fault>',
    'a change laid over the load, level:DATE:FACTOR or hours:DATE:H,H,H:FACTOR; may be repeated',
  ).argParser((text, before: readonly string[] = []) => [...before, text]),
  new Option('--report <file>', 'where the replay is reported (default: replay.html in the data folder)'),
  new Option('--verify <number>', 'train so many of the jobs again at the end, from the log alone').argParser(
    wholeNumber(1, MOST_VERIFIED),
  ),
  new Option('--stay', 'keep API and console up when the replay is over'),
];

const REPLAY_ALONE = ['from', 'until', 'days', 'inject', 'report', 'verify', 'stay'] as const;

function refuseWithoutSpeed(options: UpOptions): void {
  const stray = REPLAY_ALONE.find((name) => options[name] !== undefined);
  if (stray !== undefined)
    throw new UsageError(`--${stray}: is about a replay; add --speed, for example --speed max`);
}

/** Checks that do not hold, in one line; the report has them all. */
function refuseFlawed({ checks }: ReplayOutcome): void {
  const failed = checks.filter(({ isMet }) => !isMet);
  if (failed.length === 0) return;
  const told = failed.map(({ name, detail }) => `${name} (${detail})`).join('; ');
  throw new Refused('replay-flawed', `does not hold of this replay: ${told}`);
}

/** Answers what was replayed; null for a site that lives in the present. */
async function start(options: UpOptions, cli: Cli): Promise<ReplayOutcome | null> {
  const { runAllInOne, runReplayNode } = await import('../../main/up.ts');
  const around = { ...cli, screen: createScreen(cli.stdout, cli.env) };
  if (options.speed === undefined) {
    refuseWithoutSpeed(options);
    await runAllInOne(options, around);
    return null;
  }
  const { from, until, days, inject = [], report, stay = false, verify = 0 } = options;
  if (report !== undefined) await requireWritable('--report', report);
  const write = (outcome: ReplayOutcome, dataDir: string): Promise<string> =>
    writeWhole('--report', report ?? join(dataDir, DEFAULT_REPORT), replayReport(outcome));
  const replay = { from, until, days, inject };
  const wishes = { ...options, replay, stay, verify, speed: parseSpeed(options.speed) };
  return runReplayNode(wishes, around, write);
}

async function run(options: UpOptions, cli: Cli): Promise<void> {
  let outcome: ReplayOutcome | null = null;
  await untilStopped(async () => {
    outcome = await start(options, cli);
  });
  if (outcome !== null) refuseFlawed(outcome);
}

/** `lifo4-ml up`, which is `npm start` */
export function upCommand(cli: Cli): Command {
  const command = new Command('up')
    .summary('start everything in one command (npm start)')
    .description(
      'Starts storage, broker, API and one device; makes a site, trains its models, deploys the best and shows the forecast. Stays up until Ctrl-C; a second start resumes.',
    )
    .option(
      '--csv <file>',
      'hourly load, columns timestamp_utc,load_kw[,temperature_c]; its end becomes now (default: a simulated plant)',
    )
    .option('--system <id>', 'id of the site (default: bess-456)')
    .option(
      '--zone <iana>',
      'time zone of the site (default: from zones.csv beside the file, else America/Sao_Paulo)',
    )
    .option('--data <folder>', 'where everything is kept (default: ./data, or LIFO4_DATA)')
    .option('--port <number>', 'port of the API on 127.0.0.1 (default: 8420, or LIFO4_PORT)')
    .addHelpText('after', REPLAY)
    .addHelpText('after', SETTINGS)
    .action((options: UpOptions) => run(options, cli));
  for (const option of replayOptions()) command.addOption(option);
  return withExamples(command, [
    'lifo4-ml up',
    'lifo4-ml up --csv plant.csv --system plant-7 --zone America/Manaus --data ./plant-7',
    'lifo4-ml up --csv plant.csv --speed max --data ./plant-year',
    'lifo4-ml up --csv plant.csv --speed 3600 --days 60 --inject hours:2019-05-06:13,14,15:1.5 --data ./what-if',
  ]);
}
