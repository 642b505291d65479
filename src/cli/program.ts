import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { Cli } from './cli.ts';
import { keysCommand, tokenCommand } from './commands/access.ts';
import { completionCommand } from './commands/completion.ts';
import { migrateCommand } from './commands/database.ts';
import { deviceCommand } from './commands/device.ts';
import { doctorCommand } from './commands/doctor.ts';
import { edgeCommand } from './commands/edge.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { modelsCommand } from './commands/models.ts';
import { natsCommand } from './commands/nats.ts';
import { cloudCommand, signerCommand, workerCommand } from './commands/nodes.ts';
import { predictCommand } from './commands/predict.ts';
import { replayCommand } from './commands/replay.ts';
import { rolloutCommand } from './commands/rollout.ts';
import { trainCommand } from './commands/train.ts';
import { upCommand } from './commands/up.ts';
import { EXIT, failureOf } from './failure.ts';
import { withExamples } from './options.ts';
import { alertsCommand } from './service/alerts.ts';
import { deployCommand, rollbackCommand } from './service/deploy.ts';
import { eventsCommand } from './service/events.ts';
import { fleetCommand } from './service/fleet.ts';
import { jobsCommand, retrainCommand } from './service/jobs.ts';
import { watchCommand } from './service/watch.ts';

function versionOf(): string {
  const about: { readonly version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return about.version;
}

/** Help and errors of the command line go where results and problems go. */
function wire(command: Command, cli: Cli): Command {
  for (const below of command.commands) wire(below, cli);
  return command.exitOverride().configureOutput({
    writeOut: (text) => cli.stdout.write(text),
    writeErr: (text) => cli.stderr.write(text),
    outputError: (text, write) => write(`lifo4-ml: ${text.replace(/^error: /, '')}`),
  });
}

/** The whole tree of commands, which do what they do with this `cli`. */
export function createProgram(cli: Cli): Command {
  const commands = [
    trainCommand(cli),
    evaluateCommand(cli),
    predictCommand(cli),
    upCommand(cli),
    cloudCommand(cli),
    workerCommand(cli),
    signerCommand(cli),
    edgeCommand(cli),
    migrateCommand(cli),
    fleetCommand(cli),
    retrainCommand(cli),
    jobsCommand(cli),
    watchCommand(cli),
    modelsCommand(cli),
    deployCommand(cli),
    rollbackCommand(cli),
    alertsCommand(cli),
    eventsCommand(cli),
    replayCommand(cli),
    deviceCommand(cli),
    rolloutCommand(cli),
    natsCommand(cli),
    keysCommand(cli),
    tokenCommand(cli),
  ];
  const program = wire(new Command('lifo4-ml'), cli)
    .description('Load forecasts for battery-storage sites: train, judge, ship and watch them.')
    .version(versionOf())
    .showSuggestionAfterError();
  const last = [doctorCommand(cli), completionCommand(cli, () => program)];
  for (const command of [...commands, ...last]) program.addCommand(wire(command, cli));
  return withExamples(program, ['lifo4-ml train --csv plant.csv', 'lifo4-ml up', 'lifo4-ml help train']);
}

/** Runs the program; answers its exit code. Errors are told in one line, as JSON too where JSON was asked for. */
export async function runProgram(args: readonly string[], cli: Cli): Promise<number> {
  try {
    await createProgram(cli).parseAsync(args, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { exitCode, code, message } = failureOf(error);
    cli.stderr.write(`lifo4-ml: ${message}\n`);
    if (args.includes('--json')) cli.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
    return exitCode;
  }
}
