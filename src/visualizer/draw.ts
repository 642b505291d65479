import type { Box, MachineLayout, PlacedState, PlacedTransition, Point } from './layout.ts';
import { machineStyle } from './style.ts';
import { EFFECT_LINE, effectName, FACT_LINE, internalName, STATE_HEIGHT } from './text-size.ts';

/** What to bring out: the state the stream is in, transitions it has taken and those possible now (by id). */
export interface Marks {
  readonly current: string | null;
  readonly taken: readonly string[];
  readonly possible: readonly string[];
}

export const noMarks: Marks = { current: null, taken: [], possible: [] };

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for element content and quoted attributes; what XML 1.0 cannot carry is replaced. */
export const escapeXml = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
    .replace(/[&<>"']/g, (letter) => escapes[letter] ?? letter);

const round = (value: number): number => Math.round(value * 10) / 10;
const CORNER = 7;

/** `distance` pixels from `from` towards `to`, at most half way. */
function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length === 0 ? 0 : Math.min(distance / length, 0.5);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

/** The line with rounded corners. */
function pathOf(points: readonly Point[]): string {
  return points
    .map((point, i) => {
      const before = points[i - 1];
      const after = points[i + 1];
      if (before === undefined) return `M${round(point.x)} ${round(point.y)}`;
      if (after === undefined) return `L${round(point.x)} ${round(point.y)}`;
      const start = towards(point, before, CORNER);
      const end = towards(point, after, CORNER);
      return `L${round(start.x)} ${round(start.y)}Q${round(point.x)} ${round(point.y)} ${round(end.x)} ${round(end.y)}`;
    })
    .join('');
}

/** Two strokes back from the tip, along the last piece of the line; part of the picture, so that it takes the line's colour. */
function arrowOf(points: readonly Point[]): string {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (tip === undefined || before === undefined) return '';
  const angle = Math.atan2(tip.y - before.y, tip.x - before.x);
  const corner = (turn: number) =>
    `${round(tip.x - 9 * Math.cos(angle + turn))} ${round(tip.y - 9 * Math.sin(angle + turn))}`;
  return `M${corner(0.42)}L${round(tip.x)} ${round(tip.y)}L${corner(-0.42)}Z`;
}

const rect = (name: string, { x, y, width, height }: Box, inset: number, radius: number): string =>
  `<rect class="${name}" x="${round(x + inset)}" y="${round(y + inset)}" width="${round(width - 2 * inset)}" height="${round(height - 2 * inset)}" rx="${radius}"/>`;

const text = (name: string, x: number, y: number, content: string): string =>
  `<text class="${name}" x="${round(x)}" y="${round(y)}">${escapeXml(content)}</text>`;

function transitionTitle({ from, to, fact, effects }: PlacedTransition): string {
  const asks = effects.length === 0 ? '' : `; requests ${effects.join(', ')}`;
  return `${fact}: ${from} → ${to}${asks}`;
}

function transitionClass(id: string, { taken, possible }: Marks): string {
  if (taken.includes(id)) return 'transition taken';
  return possible.includes(id) ? 'transition possible' : 'transition';
}

/** The transition's name and effects, and the line where it leads to another state. */
function drawTransition(transition: PlacedTransition, marks: Marks): string {
  const { id, label, fact, effects, points } = transition;
  const internal = points.length === 0;
  const middle = label.x + label.width / 2;
  const line = `<path class="line" d="${pathOf(points)}"/><path class="arrow" d="${arrowOf(points)}"/>`;
  return [
    `<g class="${transitionClass(id, marks)}" data-transition="${escapeXml(id)}">`,
    `<title>${escapeXml(transitionTitle(transition))}</title>`,
    internal ? '' : line + rect('plate', label, 1, 4),
    text('fact', middle, label.y + 14, internal ? internalName(fact) : fact),
    ...effects.map((effect, i) =>
      text('effect', middle, label.y + FACT_LINE + 10 + i * EFFECT_LINE, effectName(effect)),
    ),
    '</g>',
  ].join('');
}

function stateClass({ name, initial, final }: PlacedState, { current, taken }: Marks): string {
  const visited = taken.some((id) => id.startsWith(`${name}/`));
  const kinds = { initial, final, visited, current: name === current };
  return ['state', ...Object.entries(kinds).flatMap(([kind, holds]) => (holds ? [kind] : []))].join(' ');
}

function drawState(state: PlacedState, internal: readonly PlacedTransition[], marks: Marks): string {
  const radius = state.initial ? STATE_HEIGHT / 2 : 9;
  const aria = state.name === marks.current ? ' aria-current="true"' : '';
  const kind = state.final ? ' (final)' : '';
  return [
    `<g class="${stateClass(state, marks)}" data-state="${escapeXml(state.name)}"${aria}>`,
    `<title>${escapeXml(state.name + kind)}</title>`,
    rect('body', state, 0, radius),
    state.final ? rect('inner', state, 3.5, radius - 3) : '',
    text('name', state.x + state.width / 2, state.y + STATE_HEIGHT / 2 + 5, state.name),
    ...internal.map((transition) => drawTransition(transition, marks)),
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

/** Taken lines lie above possible ones, and those above the rest. */
const weight = ({ id }: PlacedTransition, { taken, possible }: Marks): number =>
  Number(possible.includes(id)) + 2 * Number(taken.includes(id));

/**
 * The machine as one self-contained SVG, light or dark as the reader's system is. Groups carry
 * `data-state` and `data-transition`, so that a page can move the marks without drawing again.
 */
export function drawMachine(layout: MachineLayout, marks: Marks = noMarks): string {
  const { name, version, width, height } = layout;
  const lines = layout.transitions
    .filter(({ points }) => points.length > 0)
    .toSorted((a, b) => weight(a, marks) - weight(b, marks));
  const internalOf = (state: PlacedState) =>
    layout.transitions.filter(({ from, points }) => from === state.name && points.length === 0);
  const title = `${name}, version ${version}${marks.current === null ? '' : `: ${marks.current}`}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="machine" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-labelledby="machine-title machine-description">`,
    `<title id="machine-title">${escapeXml(title)}</title>`,
    `<desc id="machine-description">${escapeXml(describe(layout, marks))}</desc>`,
    `<style>${machineStyle}</style>`,
    ...lines.map((transition) => drawTransition(transition, marks)),
    ...layout.states.map((state) => drawState(state, internalOf(state), marks)),
    '</svg>',
  ].join('\n');
}
