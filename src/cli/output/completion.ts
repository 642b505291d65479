import type { Command } from 'commander';

/** Shell scripts that complete the program's commands and options, made from the commands themselves. */

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

interface Place {
  /** Words that lead here, without the program's name. */
  readonly path: readonly string[];
  /** What may follow: commands below, and options. */
  readonly words: readonly string[];
  readonly command: Command;
}

const optionsOf = (command: Command): readonly string[] => [
  ...command.options.flatMap(({ long }) => long ?? []),
  '--help',
];

function placesOf(command: Command, path: readonly string[] = []): readonly Place[] {
  const names = command.commands.map((below) => below.name());
  const here = { path, words: [...names, ...optionsOf(command)], command };
  return [here, ...command.commands.flatMap((below) => placesOf(below, [...path, below.name()]))];
}

const bash = (places: readonly Place[]): readonly string[] => [
  '_lifo4_ml() {',
  `  local word="\${COMP_WORDS[COMP_CWORD]}" at="" i`,
  '  for ((i = 1; i < COMP_CWORD; i++)); do',
  `    case "$at \${COMP_WORDS[i]}" in`,
  `      ${places
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => `"${['', ...path].join(' ')}"`)
    .join(' | ')}) at="$at \${COMP_WORDS[i]}" ;;`,
  '    esac',
  '  done',
  '  case "$at" in',
  ...places.map(
    ({ path, words }) =>
      `    "${path.map((word) => ` ${word}`).join('')}") COMPREPLY=($(compgen -W "${words.join(' ')}" -- "$word")) ;;`,
  ),
  '  esac',
  '  # Files, where no word fits.',
  `  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$word"))`,
  '}',
  'complete -F _lifo4_ml lifo4-ml',
];

const quoted = (text: string): string => `'${text.replace(/'/g, '’')}'`;

function fishOf({ path, command }: Place): readonly string[] {
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
  const when = path.length === 0 ? '__fish_use_subcommand' : seen;
  const commands = command.commands.map(
    (below) =>
      `complete -c lifo4-ml -f -n ${quoted(when)} -a ${below.name()} -d ${quoted(below.summary() || below.description())}`,
  );
  const options = command.options.map(
    ({ long, description, required }) =>
      `complete -c lifo4-ml -n ${quoted(when)} -l ${(long ?? '').slice(2)}${required ? ' -r' : ''} -d ${quoted(description)}`,
  );
  return [...commands, ...options];
}

/** The lines of the script. */
export function completionLines(program: Command, shell: Shell): readonly string[] {
  const places = placesOf(program);
  switch (shell) {
    case 'bash':
      return bash(places);
    case 'zsh':
      return [
        'autoload -U +X compinit && compinit',
        'autoload -U +X bashcompinit && bashcompinit',
        ...bash(places),
      ];
    case 'fish':
      return places.flatMap(fishOf);
  }
}
