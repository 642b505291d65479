import { Argument, Command } from 'commander';
import { type Cli, print } from '../cli.ts';
import { withExamples } from '../options.ts';
import { completionLines, SHELLS, type Shell } from '../output/completion.ts';

/** `lifo4-ml completion`; `program` is asked when the script is made, with all of its commands. */
export function completionCommand(cli: Cli, program: () => Command): Command {
  const command = new Command('completion')
    .summary('print a script that completes commands in your shell')
    .description('Prints a script that completes commands and options in your shell.')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .action((shell: Shell) => print(cli.stdout, completionLines(program(), shell)));
  return withExamples(command, [
    'lifo4-ml completion bash > /etc/bash_completion.d/lifo4-ml',
    'source <(lifo4-ml completion zsh)',
    'lifo4-ml completion fish > ~/.config/fish/completions/lifo4-ml.fish',
  ]);
}
