import { Command } from 'commander';
import type { TokenWishes } from '../../main/access.ts';
import { type Cli, print, printJson } from '../cli.ts';
import { wholeNumber, withExamples } from '../options.ts';
import { rootCommands } from './root.ts';

/** Commands on the keys that the nodes of a cloud share: LIFO4_KEYS, or `keys` in the data folder. */

const LONGEST_DAYS = 365;

/** `lifo4-ml keys` */
export function keysCommand(cli: Cli): Command {
  const command = new Command('keys')
    .summary('make the keys of a cloud, print what devices trust; the root’s ceremony')
    .description(
      'Makes the keys of a cloud in the folder LIFO4_KEYS where they are not there yet, and prints the trustedKeys of its devices’ settings. Nodes make them too; several nodes need the same ones.',
    )
    .action(async () => {
      const { ensureKeys } = await import('../../main/access.ts');
      const { folder, trustedKeys } = await ensureKeys(cli.env);
      print(cli.stderr, [`keys in ${folder}: keep them from others, and in the backup`]);
      printJson(cli.stdout, { trustedKeys });
    });
  for (const below of rootCommands(cli)) command.addCommand(below);
  return withExamples(command, ['LIFO4_KEYS=./keys lifo4-ml keys', 'lifo4-ml keys make-root ./ceremony']);
}

/** `lifo4-ml token` */
export function tokenCommand(cli: Cli): Command {
  const command = new Command('token')
    .summary('issue a token for the API, with the keys of a cloud')
    .description('Prints a token for the API, signed with the key in the folder LIFO4_KEYS.')
    .requiredOption('--tenant <id>', 'whose sites it opens')
    .option('--subject <id>', 'opaque id of its holder, for the record: no name, no address', 'operator')
    .option('--scopes <list>', 'ml:read, ml:train, ml:deploy, telemetry:write, admin, with commas', 'ml:read')
    .option('--systems <list>', 'only these sites, with commas')
    .option('--days <number>', 'how long it holds', wholeNumber(1, LONGEST_DAYS), 1)
    .action(async (wishes: TokenWishes) => {
      const { issueToken } = await import('../../main/access.ts');
      print(cli.stdout, [await issueToken(cli.env, wishes)]);
    });
  return withExamples(command, ['lifo4-ml token --tenant acme --scopes admin --days 7']);
}
