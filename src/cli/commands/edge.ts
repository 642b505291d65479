import { Command, Option } from 'commander';
import type { OnSiteBench } from '../../main/bench-on-site.ts';
import type { DeviceSettings } from '../../main/device-settings.ts';
import type { OnSite } from '../../main/on-site.ts';
import { type Cli, colorsOf, print, printJson } from '../cli.ts';
import { EXIT, Refused, UsageError } from '../failure.ts';
import { jsonOption, withExamples } from '../options.ts';
import { findingLines, historyLines, statusLines } from '../output/edge-lines.ts';
import { fill, LANGUAGES, type Language, languageOf, type Words, wordsOf } from '../output/edge-words.ts';
import { untilStopped } from './nodes.ts';

/** Commands on the device itself: for the person on site, while it runs and while it does not. */

interface Wishes {
  readonly lang?: Language;
  readonly json?: true;
}

const DEFAULT_SETTINGS = '/etc/lifo4-ml/device.json';
const MOST_FACTS = 500;

const settingsOf = (given: string | undefined, cli: Cli): string =>
  given ?? cli.env['LIFO4_DEVICE'] ?? DEFAULT_SETTINGS;

const withDevice = (command: Command): Command =>
  command
    .argument('[settings]', `the settings file of the device (default: LIFO4_DEVICE, or ${DEFAULT_SETTINGS})`)
    .addOption(
      new Option('--lang <language>', 'en or pt-BR (default: by LC_ALL, LC_MESSAGES or LANG)').choices(
        LANGUAGES,
      ),
    )
    .addOption(jsonOption());

interface Asked {
  readonly device: OnSite;
  readonly words: Words;
}

async function readSettings(path: string): Promise<DeviceSettings> {
  const { readDeviceSettings } = await import('../../main/device-settings.ts');
  return readDeviceSettings(path);
}

/** Finds the device of a settings file, running or not, and lets go of it afterwards. */
async function ask(
  given: string | undefined,
  { lang }: Wishes,
  cli: Cli,
  work: (asked: Asked) => Promise<void>,
): Promise<void> {
  const { DeviceRefused, findDevice } = await import('../../main/on-site.ts');
  const device = await findDevice(await readSettings(settingsOf(given, cli)));
  try {
    await work({ device, words: wordsOf(languageOf(lang, cli.env)) });
  } catch (error) {
    throw error instanceof DeviceRefused ? new Refused(error.code, error.message) : error;
  } finally {
    device.close();
  }
}

function statusCommand(cli: Cli): Command {
  const command = new Command('status')
    .description('Says what the device runs, what it tried, what waits to be sent and what it refused.')
    .action((settings: string | undefined, wishes: Wishes) =>
      ask(settings, wishes, cli, async ({ device, words }) => {
        const status = await device.status();
        if (wishes.json) printJson(cli.stdout, { running: device.isRunning, ...status });
        else print(cli.stdout, statusLines(status, device.isRunning, words));
      }),
    );
  return withExamples(withDevice(command), [
    'lifo4-ml edge status',
    'lifo4-ml edge status device.json --json',
  ]);
}

function historyCommand(cli: Cli): Command {
  const command = new Command('history')
    .description('Lists what the device did, oldest first: its journal.')
    .action((settings: string | undefined, wishes: Wishes) =>
      ask(settings, wishes, cli, async ({ device, words }) => {
        const facts = await device.history(MOST_FACTS);
        if (wishes.json) printJson(cli.stdout, facts);
        else print(cli.stdout, historyLines(facts, words));
      }),
    );
  return withExamples(withDevice(command), ['lifo4-ml edge history', 'lifo4-ml edge history --json']);
}

const takenBackText = (version: string, isRunning: boolean, words: Words): string =>
  isRunning ? fill(words.takenBack, { version }) : words.takenBackLater;

function rollbackCommand(cli: Cli): Command {
  const command = new Command('rollback')
    .description(
      'Takes the running model back: the one before serves again, and the cloud is told. A device that does not run does it when it starts.',
    )
    .option('--reason <text>', 'for the record', '')
    .action((settings: string | undefined, wishes: Wishes & { readonly reason: string }) =>
      ask(settings, wishes, cli, async ({ device, words }) => {
        const version = (await device.status()).previous?.version ?? null;
        await device.rollback(wishes.reason);
        const { isRunning } = device;
        if (wishes.json) printJson(cli.stdout, { restoring: version, running: isRunning });
        else print(cli.stdout, [takenBackText(version ?? '', isRunning, words)]);
      }),
    );
  return withExamples(withDevice(command), ['lifo4-ml edge rollback --reason "peaks were missed"']);
}

function doctorCommand(cli: Cli): Command {
  const command = new Command('doctor')
    .description(
      'Looks at disk, clock, network, credential, keys, model and history, and says what to do. Changes nothing.',
    )
    .action(async (given: string | undefined, wishes: Wishes) => {
      const settings = await readSettings(settingsOf(given, cli));
      const { examineOnSite } = await import('../../main/examine-on-site.ts');
      const findings = await examineOnSite(settings);
      const words = wordsOf(languageOf(wishes.lang, cli.env));
      if (wishes.json) printJson(cli.stdout, findings);
      else print(cli.stdout, findingLines(findings, words, colorsOf(cli.stdout, cli.env)));
      const failed = findings.filter(({ level }) => level === 'fail');
      if (failed.length > 0) throw new Refused('unwell', failed.map(({ check }) => check).join(', '));
    });
  return withExamples(withDevice(command), ['lifo4-ml edge doctor', 'lifo4-ml edge doctor --lang pt-BR']);
}

function benchText({ version, inferenceMs, memoryMb, mostMs, mostMb, failure }: OnSiteBench, words: Words) {
  if (failure !== null) return fill(words.benchFailed, { version, why: failure });
  const [ms, mb] = [inferenceMs.toFixed(2), memoryMb.toFixed(1)];
  return fill(words.benched, { version, ms, mb, mostMs, mostMb });
}

function benchCommand(cli: Cli): Command {
  const command = new Command('bench')
    .description(
      'Measures the model on this machine, in a process of its own: passes within 50 ms an inference and 100 MB, and fails otherwise.',
    )
    .option('--model <file>', 'a model file (default: the one that serves)')
    .action(async (given: string | undefined, wishes: Wishes & { readonly model?: string }) => {
      const { dataFolder } = await readSettings(settingsOf(given, cli));
      const { benchOnSite } = await import('../../main/bench-on-site.ts');
      const bench = await benchOnSite(dataFolder, wishes.model);
      if (wishes.json) printJson(cli.stdout, bench);
      else print(cli.stdout, [benchText(bench, wordsOf(languageOf(wishes.lang, cli.env)))]);
      if (bench.failure !== null) throw new Refused('beyond-contract', bench.failure);
    });
  return withExamples(withDevice(command), [
    'lifo4-ml edge bench',
    'lifo4-ml edge bench --model forecast.onnx --json',
  ]);
}

const run = (settings: string, cli: Cli): Promise<void> =>
  untilStopped(async () => {
    cli.becomeDevice?.(settings);
    const { runDevice } = await import('../../main/run-device.ts');
    await runDevice(settings, cli.env['LIFO4_LOG_LEVEL'] ?? 'info', cli.signal);
  });

function runCommand(cli: Cli): Command {
  const command = new Command('run')
    .description('Runs one device, as `lifo4-ml edge SETTINGS` does. Stays up until Ctrl-C.')
    .argument('[settings]', `the settings file of the device (default: LIFO4_DEVICE, or ${DEFAULT_SETTINGS})`)
    .action((settings?: string) => run(settingsOf(settings, cli), cli));
  return withExamples(command, ['lifo4-ml edge run /etc/lifo4-ml/device.json']);
}

/** `lifo4-ml edge [run|status|history|rollback|doctor|bench]` */
export function edgeCommand(cli: Cli): Command {
  const command = new Command('edge')
    .summary('run a device, and look after it on site')
    .description(
      'Runs one device: it keeps its model, forecasts every hour and talks to the cloud. The commands below look after it on site, while it runs and while it does not.',
    )
    .argument('[settings]', 'the settings file of the device, JSON')
    .action(async (settings?: string) => {
      if (settings === undefined)
        throw new UsageError('write lifo4-ml edge SETTINGS, or one of its commands: lifo4-ml edge --help');
      await run(settings, cli);
    });
  for (const below of [
    runCommand,
    statusCommand,
    historyCommand,
    rollbackCommand,
    doctorCommand,
    benchCommand,
  ])
    command.addCommand(below(cli));
  return withExamples(command, [
    'lifo4-ml edge /etc/lifo4-ml/device.json',
    'lifo4-ml edge status',
    `lifo4-ml edge doctor; echo $?    # ${EXIT.failed} when something is to be mended`,
  ]);
}
