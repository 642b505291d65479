import { Command } from 'commander';
import type { OnSiteBench } from '../../main/bench-on-site.ts';
import { type Cli, colorsOf, print, printJson } from '../cli.ts';
import { EXIT, Refused, UsageError } from '../failure.ts';
import { withExamples } from '../options.ts';
import { findingLines, historyLines, statusLines } from '../output/edge-lines.ts';
import { explained } from '../output/edge-said.ts';
import { fill, languageOf, type Words, wordsOf } from '../output/edge-words.ts';
import { allowDataCommand, installCommand, rollbackCommand } from './edge-changes.ts';
import {
  ask,
  DEFAULT_SETTINGS,
  MOST_FACTS,
  readSettings,
  settingsOf,
  type Wishes,
  withDevice,
} from './edge-on-site.ts';
import { untilStopped } from './nodes.ts';

/** Commands on the device itself: for the person on site, while it runs and while it does not. */

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
  if (failure !== null) return fill(words.benchFailed, { version, why: explained(words, failure) });
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

/** `lifo4-ml edge [run|status|history|rollback|install|allow-data|doctor|bench]` */
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
    installCommand,
    allowDataCommand,
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
