import type { MachineDefinition, StateDefinition, TransitionDefinition } from '../machines/lifecycle.ts';
import { transitionId } from './chart.ts';
import { type Mark, type Marks, markOf, noMarks, SIGNS } from './marks.ts';

/** Mermaid reads bare words as ids; everything else in a name becomes an underscore, the name itself a label. */
const identifier = (name: string): string => `s_${name.replace(/\W/g, '_')}`;
const groupIdentifier = (name: string): string => `g_${name.replace(/\W/g, '_')}`;
/** `#`, `;`, quotes and line breaks have meaning in Mermaid's labels. */
const label = (text: string): string =>
  text.replace(/[#;:"<>\r\n]/g, (letter) => `#${letter.codePointAt(0) ?? 32};`);

const signOf = (mark: Mark | null): string => (mark === null ? '' : `${SIGNS[mark]} `);

/** `fact [guards] / effects`, as statecharts are written. */
function moveText({ fact, guards, effects }: TransitionDefinition): string {
  const needs = guards.length === 0 ? '' : ` [${guards.join(', ')}]`;
  const asks = effects.length === 0 ? '' : ` / ${effects.join(', ')}`;
  return label(`${fact}${needs}${asks}`);
}

const declaration = ({ name }: StateDefinition): string => `state "${label(name)}" as ${identifier(name)}`;

function declarations({ states, groups }: MachineDefinition): readonly string[] {
  const inGroups = new Set(groups.flatMap((group) => group.states));
  const alone = states.filter(({ name }) => !inGroups.has(name)).map((state) => `  ${declaration(state)}`);
  const framed = groups.flatMap((group) => [
    `  state "${label(group.name)}" as ${groupIdentifier(group.name)} {`,
    ...states.filter(({ name }) => group.states.includes(name)).map((state) => `    ${declaration(state)}`),
    '  }',
  ]);
  return [...alone, ...framed];
}

const styles = (current: string | null): readonly string[] =>
  current === null
    ? []
    : [
        '  classDef current fill:#0b62b8,color:#ffffff,font-weight:bold',
        `  class ${identifier(current)} current`,
      ];

/** The machine as a Mermaid state diagram, for documents and issue trackers; with where a stream stands, if given. */
export function toMermaid(definition: MachineDefinition, marks: Marks = noMarks): string {
  const { initial, states } = definition;
  const moves = states.flatMap(({ name, transitions }) =>
    transitions.map((move) => {
      const sign = signOf(markOf([transitionId(name, move.fact)], marks));
      return `  ${identifier(name)} --> ${identifier(move.to)}: ${sign}${moveText(move)}`;
    }),
  );
  const ends = states.filter(({ final }) => final).map(({ name }) => `  ${identifier(name)} --> [*]`);
  return [
    'stateDiagram-v2',
    ...declarations(definition),
    `  [*] --> ${identifier(initial)}`,
    ...moves,
    ...ends,
    ...styles(marks.current),
    '',
  ].join('\n');
}
