import type { MachineDefinition } from '../machines/lifecycle.ts';

/** Mermaid reads bare words as ids; everything else in a name becomes an underscore, the name itself a label. */
const identifier = (name: string): string => `s_${name.replace(/\W/g, '_')}`;
/** `#`, `;`, quotes and line breaks have meaning in Mermaid's labels. */
const label = (text: string): string =>
  text.replace(/[#;:"<>\r\n]/g, (letter) => `#${letter.codePointAt(0) ?? 32};`);

/** The machine as a Mermaid state diagram, for documents and issue trackers. */
export function toMermaid({ initial, states }: MachineDefinition): string {
  const names = states.map(({ name }) => `  state "${label(name)}" as ${identifier(name)}`);
  const moves = states.flatMap(({ name, transitions }) =>
    transitions.map(({ fact, to }) => `  ${identifier(name)} --> ${identifier(to)}: ${label(fact)}`),
  );
  const ends = states.filter(({ final }) => final).map(({ name }) => `  ${identifier(name)} --> [*]`);
  return ['stateDiagram-v2', ...names, `  [*] --> ${identifier(initial)}`, ...moves, ...ends, ''].join('\n');
}
