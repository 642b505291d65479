import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT } from './failure.ts';

/** Options that several commands share. */

/** Reads a whole number from `least` to `most`. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`Write a whole number from ${least} to ${most}.`);
    }
    return value;
  };

export const csvOption = (): Option =>
  new Option(
    '--csv <file>',
    'readings: timestamp_utc,load_kw[,temperature_c,battery_kw,pv_kw,max15_kw,price_brl_mwh], UTC with Z, an hour apart or finer',
  ).makeOptionMandatory();

export const ibgeOption = (): Option =>
  new Option('--ibge <code>', 'IBGE code of the municipality, for state and city holidays');

export const holidaysOption = (): Option =>
  new Option(
    '--holidays <file>',
    'further days off as CSV: date,name[,kind], kind municipal, bridge or shutdown',
  );

export const modelOption = (): Option =>
  new Option('--model <file>', 'a forecast.onnx').makeOptionMandatory();

/** What a model file must be for; it says so itself. */
export const siteOptions = (): readonly Option[] => [
  new Option('--system <id>', 'refuse the file unless it is of this site'),
  new Option('--zone <iana>', 'refuse the file unless it was trained in this zone'),
];

export const reportOption = (): Option =>
  new Option('--report <file>', 'write an HTML report that opens offline');

export const jsonOption = (): Option => new Option('--json', 'print the result as JSON, for programs');

/** Adds examples and exit codes to a command's help. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ ${example}`).join('\n');
  return command.addHelpText(
    'after',
    `
Examples:
${lines}

Exit codes: ${EXIT.ok} done, ${EXIT.failed} data, model or work refused or failed, ${EXIT.usage} wrong options, settings or folders,
${EXIT.cancelled} cancelled by Ctrl-C. NO_COLOR turns colours off.`,
  );
}
