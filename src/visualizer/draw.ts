import type { MachineLayout, PlacedGroup, PlacedMove, PlacedState } from './layout.ts';
import { type Marks, markOf, noMarks, SIGNS } from './marks.ts';
import { machineStyle } from './style.ts';
import { arrowOf, escapeXml, pathOf, rect, text } from './svg.ts';
import { DETAIL_LINE, detailsOf, FACT_LINE, factText, INSIDE_PADDING, STATE_HEIGHT } from './text-size.ts';

const signs = Object.entries(SIGNS)
  .map(([mark, sign]) => `<tspan class="sign sign-${mark}">${sign} </tspan>`)
  .join('');

function moveTitle({ from, to, fact, effects, guards }: PlacedMove): string {
  const asks = effects.length === 0 ? '' : `; requests ${effects.join(', ')}`;
  const needs = guards.length === 0 ? '' : `; needs ${guards.join(', ')}`;
  return `${fact}: ${from} → ${to ?? from}${needs}${asks}`;
}

function moveClass({ ids, inside }: PlacedMove, marks: Marks): string {
  const mark = markOf(ids, marks);
  return ['transition', ...(inside ? ['inside'] : []), ...(mark === null ? [] : [mark])].join(' ');
}

/** The fact with its guards and effects, and the line where it leads to another box. */
function drawMove(move: PlacedMove, marks: Marks): string {
  const { ids, label, points, inside } = move;
  const x = inside ? label.x + INSIDE_PADDING : label.x + label.width / 2;
  const line = `<path class="line" d="${pathOf(points)}"/><path class="arrow" d="${arrowOf(points)}"/>`;
  return [
    `<g class="${moveClass(move, marks)}" data-transition="${escapeXml(ids.join(' '))}">`,
    `<title>${escapeXml(moveTitle(move))}</title>`,
    inside ? '' : line,
    text('fact', x, label.y + 14, factText(move), signs),
    ...detailsOf(move).map((detail, i) =>
      text(`detail ${detail.kind}`, x, label.y + FACT_LINE + 10 + i * DETAIL_LINE, detail.text),
    ),
    '</g>',
  ].join('');
}

const tookFrom = (name: string, { taken }: Marks): boolean => taken.some((id) => id.startsWith(`${name}/`));

function stateClass({ name, initial, final }: PlacedState, marks: Marks): string {
  const kinds = { initial, final, visited: tookFrom(name, marks), current: name === marks.current };
  return ['state', ...Object.entries(kinds).flatMap(([kind, holds]) => (holds ? [kind] : []))].join(' ');
}

const insideOf = (name: string, { moves }: MachineLayout): readonly PlacedMove[] =>
  moves.filter(({ from, inside }) => inside && from === name);

function drawState(state: PlacedState, layout: MachineLayout, marks: Marks): string {
  const radius = state.initial ? STATE_HEIGHT / 2 : 9;
  const aria = state.name === marks.current ? ' aria-current="true"' : '';
  const kind = state.final ? ' (final)' : '';
  return [
    `<g class="${stateClass(state, marks)}" data-state="${escapeXml(state.name)}"${aria}>`,
    `<title>${escapeXml(state.name + kind)}</title>`,
    rect('halo', state, -4, radius + 4),
    rect('body', state, 0, radius),
    state.final ? rect('inner', state, 3.5, radius - 3) : '',
    text('name', state.x + state.width / 2, state.y + STATE_HEIGHT / 2 + 5, state.name),
    ...insideOf(state.name, layout).map((move) => drawMove(move, marks)),
    '</g>',
  ].join('');
}

function drawFrame(group: PlacedGroup, { states }: MachineLayout, marks: Marks): string {
  const members = states.filter((state) => state.group === group.name).map(({ name }) => name);
  const current = marks.current !== null && members.includes(marks.current) ? ' current' : '';
  return [
    `<g class="group${current}" data-group="${escapeXml(members.join(' '))}">`,
    `<title>${escapeXml(`${group.name}: ${members.join(', ')}`)}</title>`,
    rect('frame', group, 0, 12),
    text('name', group.x + INSIDE_PADDING, group.y + 19, group.name),
    '</g>',
  ].join('');
}

function describe({ name, states }: MachineLayout, { current, possible, taken }: Marks): string {
  const list = `States: ${states.map((state) => state.name).join(', ')}.`;
  if (current === null) return list;
  const factOf = (id: string) => id.slice(id.indexOf('/') + 1);
  const next = possible.length === 0 ? 'nothing: it has ended' : possible.map(factOf).join(', ');
  const came = taken.length === 0 ? 'nothing yet' : taken.map(factOf).join(', ');
  return `${name} is in state ${current}. Happened: ${came}. Possible now: ${next}. ${list}`;
}

const ORDER = ['taken', 'refused', 'possible', 'last'] as const;
/** Lines that say more lie above the rest. */
function weight({ ids }: PlacedMove, marks: Marks): number {
  const mark = markOf(ids, marks);
  return mark === null ? -1 : ORDER.indexOf(mark);
}

/**
 * The machine as one self-contained SVG, light or dark as the reader's system is. Groups carry `data-state`,
 * `data-group` and `data-transition` (names and ids, with spaces between), so that a page can move the marks without
 * drawing again.
 */
export function drawMachine(layout: MachineLayout, marks: Marks = noMarks): string {
  const { name, version, width, height } = layout;
  const lines = layout.moves
    .filter(({ inside }) => !inside)
    .toSorted((a, b) => weight(a, marks) - weight(b, marks));
  const title = `${name}, version ${version}${marks.current === null ? '' : `: ${marks.current}`}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="machine" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-labelledby="machine-title machine-description">`,
    `<title id="machine-title">${escapeXml(title)}</title>`,
    `<desc id="machine-description">${escapeXml(describe(layout, marks))}</desc>`,
    `<style>${machineStyle}</style>`,
    ...layout.groups.map((group) => drawFrame(group, layout, marks)),
    ...layout.groups.flatMap((group) => insideOf(group.name, layout).map((move) => drawMove(move, marks))),
    ...lines.map((move) => drawMove(move, marks)),
    ...layout.states.map((state) => drawState(state, layout, marks)),
    '</svg>',
  ].join('\n');
}
