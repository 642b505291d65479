import { Command } from 'commander';
import type { RoleWishes } from '../../main/database.ts';
import { describeFailure } from '../../main/failure.ts';
import { type Cli, print } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { withExamples } from '../options.ts';

/** `lifo4-ml migrate`: loaded when it is asked for, like the nodes. */
export function migrateCommand(cli: Cli): Command {
  const command = new Command('migrate')
    .summary('bring an outside database up to date, as its owner')
    .description(
      "Brings the database that DATABASE_URL names to this program's tables, and gives roles their rights. Nodes do it by themselves where their user may; this lets them run as a user who may not.",
    )
    .option('--writer <role>', 'role of the nodes; made when absent')
    .option('--reader <role>', 'role of charts such as Grafana; made when absent')
    .action(async (wishes: RoleWishes) => {
      const { migrateDatabase } = await import('../../main/database.ts');
      const told = await migrateDatabase(cli.env, wishes).catch((error: unknown) => {
        throw new UsageError(describeFailure(error));
      });
      print(cli.stdout, told);
    });
  return withExamples(command, [
    'DATABASE_URL=postgres://owner:…@host/lifo4 lifo4-ml migrate --writer lifo4_writer --reader lifo4_reader',
  ]);
}
