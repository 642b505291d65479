import { Command } from 'commander';
import { type Cli, colorsOf, print, printJson } from '../cli.ts';
import { Refused } from '../failure.ts';
import { jsonOption, withExamples } from '../options.ts';
import { plain } from '../output/columns.ts';

async function examine({ json }: { readonly json?: true }, cli: Cli): Promise<void> {
  const { examine: look } = await import('../../main/doctor.ts');
  const findings = await look(cli.env);
  const colors = colorsOf(cli.stdout, cli.env);
  const paint = { ok: colors.green, warn: colors.yellow, fail: colors.red } as const;
  const width = Math.max(...findings.map(({ check }) => check.length));
  if (json) printJson(cli.stdout, findings);
  else
    print(
      cli.stdout,
      findings.map(
        ({ check, level, text }) =>
          `  ${paint[level](level.padEnd(4))}  ${check.padEnd(width)}  ${plain(text)}`,
      ),
    );
  const failed = findings.filter(({ level }) => level === 'fail').length;
  if (failed > 0 && !json) throw new Refused('unwell', `${failed} of ${findings.length} are to be mended`);
}

/** `lifo4-ml doctor` */
export function doctorCommand(cli: Cli): Command {
  const command = new Command('doctor')
    .summary('look over this machine, its settings and the service')
    .description(
      'Looks over this machine, its settings (those of the environment) and the service that answers at LIFO4_URL, and says what to mend. For a device: "lifo4-ml edge doctor".',
    )
    .addOption(jsonOption())
    .action((wishes: { readonly json?: true }) => examine(wishes, cli));
  return withExamples(command, ['lifo4-ml doctor', 'DATABASE_URL=postgres://… lifo4-ml doctor']);
}
