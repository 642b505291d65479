import { type Command, Option } from 'commander';
import type { DeviceSettings } from '../../main/device-settings.ts';
import type { OnSite } from '../../main/on-site.ts';
import type { Cli } from '../cli.ts';
import { Refused } from '../failure.ts';
import { jsonOption } from '../options.ts';
import { refusalText } from '../output/edge-said.ts';
import { LANGUAGES, type Language, languageOf, type Words, wordsOf } from '../output/edge-words.ts';

/** What the commands on a device share: its settings, its language, and how it is found. */

export interface Wishes {
  readonly lang?: Language;
  readonly json?: true;
}

export const DEFAULT_SETTINGS = '/etc/lifo4-ml/device.json';
export const MOST_FACTS = 500;

export const settingsOf = (given: string | undefined, cli: Cli): string =>
  given ?? cli.env['LIFO4_DEVICE'] ?? DEFAULT_SETTINGS;

export const withDevice = (command: Command): Command =>
  command
    .argument('[settings]', `the settings file of the device (default: LIFO4_DEVICE, or ${DEFAULT_SETTINGS})`)
    .addOption(
      new Option('--lang <language>', 'en or pt-BR (default: by LC_ALL, LC_MESSAGES or LANG)').choices(
        LANGUAGES,
      ),
    )
    .addOption(jsonOption());

export interface Asked {
  readonly device: OnSite;
  readonly words: Words;
}

export async function readSettings(path: string): Promise<DeviceSettings> {
  const { readDeviceSettings } = await import('../../main/device-settings.ts');
  return readDeviceSettings(path);
}

/** Finds the device of a settings file, running or not, and lets go of it afterwards; `textOf` says what it refuses. */
export async function ask(
  given: string | undefined,
  { lang }: Wishes,
  cli: Cli,
  work: (asked: Asked) => Promise<void>,
  textOf: (words: Words, code: string, message: string) => string = refusalText,
): Promise<void> {
  const { DeviceRefused, findDevice } = await import('../../main/on-site.ts');
  const device = await findDevice(await readSettings(settingsOf(given, cli)));
  const words = wordsOf(languageOf(lang, cli.env));
  try {
    await work({ device, words });
  } catch (error) {
    if (!(error instanceof DeviceRefused)) throw error;
    throw new Refused(error.code, textOf(words, error.code, error.message));
  } finally {
    device.close();
  }
}
