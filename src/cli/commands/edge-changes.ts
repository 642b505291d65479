import { stat } from 'node:fs/promises';
import { Command } from 'commander';
import { type Cli, print, printJson } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { wholeNumber, withExamples } from '../options.ts';
import { fill, languageOf, type Words, wordsFor, wordsOf } from '../output/edge-words.ts';
import { type Asked, ask, type Wishes, withDevice } from './edge-on-site.ts';

/** Commands by which a person on site changes what a device does. */

const takenBackText = (version: string, isRunning: boolean, words: Words): string =>
  isRunning ? fill(words.takenBack, { version }) : words.takenBackLater;

export function rollbackCommand(cli: Cli): Command {
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

/** A month, as the device bounds it. */
const MOST_HOURS = 744;

export function allowDataCommand(cli: Cli): Command {
  const command = new Command('allow-data')
    .description(
      'Lifts the bound of the month’s data and the download hours for a while: a model that waits for them is fetched now.',
    )
    .option('--hours <hours>', 'how long, 1 to 744', wholeNumber(1, MOST_HOURS), 24)
    .action((settings: string | undefined, wishes: Wishes & { readonly hours: number }) =>
      ask(settings, wishes, cli, async ({ device, words }) => {
        await device.allowData(wishes.hours);
        const { overriddenUntil } = (await device.status()).data;
        if (wishes.json) printJson(cli.stdout, { until: overriddenUntil, running: device.isRunning });
        else print(cli.stdout, [fill(words.dataAllowed, { until: overriddenUntil ?? '' })]);
      }),
    );
  return withExamples(withDevice(command), ['lifo4-ml edge allow-data --hours 2']);
}

/** A stick gives what it has: a folder, a pipe or a device without an end is no file to install from. */
async function assertFile(path: string, words: Words): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(fill(words.unreadable, { path, why: error.code ?? '' }), { cause: error });
  });
  if (!found.isFile()) throw new UsageError(fill(words.noFile, { path }));
}

function notInstalled(words: Words, code: string, message: string): string {
  const known = wordsFor(words, `install.${code}`);
  const what = known === `install.${code}` ? words.installRefused : known;
  return `${what} (${message})`;
}

export function installCommand(cli: Cli): Command {
  const command = new Command('install')
    .description(
      'Installs a model from a file that "lifo4-ml models export" wrote, on a stick for example, by the same checks as over the network. A device that does not run does it when it starts.',
    )
    .argument('<file>', 'the file')
    .action(async (file: string, settings: string | undefined, wishes: Wishes) => {
      await assertFile(file, wordsOf(languageOf(wishes.lang, cli.env)));
      const install = async ({ device, words }: Asked) => {
        const { isRunning } = device;
        const carried = await device.install(file, cli.signal);
        if (wishes.json) printJson(cli.stdout, { ...carried, running: isRunning });
        else print(cli.stdout, [fill(isRunning ? words.installing : words.installLater, { ...carried })]);
      };
      await ask(settings, wishes, cli, install, notInstalled);
    });
  return withExamples(withDevice(command), ['lifo4-ml edge install /media/usb/plant-7.lifo4']);
}
