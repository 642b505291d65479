/** Sizes of texts, estimated from their letters: the server has no fonts to measure with. CSS pixels. */

export const STATE_FONT = 14;
export const FACT_FONT = 12;
export const DETAIL_FONT = 10;
/** Height of a line of the fact's name, and of a guard or an effect below it. */
export const FACT_LINE = 16;
export const DETAIL_LINE = 13;

/** Height of a box's name, without the moves below it. */
export const STATE_HEIGHT = 40;
/** Height of the name of a group's frame. */
export const GROUP_HEIGHT = 30;
/** Moves inside a box begin this much above the end of the name's part of it. */
export const INSIDE_RAISE = 6;
export const INSIDE_PADDING = 14;
const STATE_PADDING = 22;
const LABEL_PADDING = 9;
/** Before the fact's name there is place for the sign that says what became of it. */
const SIGN = 16;

/** Mean advance of a letter in ems, a little above those of common sans-serif fonts so that texts always fit. */
function advance(letter: string): number {
  if ('iljtfrI.:-'.includes(letter)) return 0.4;
  return letter === letter.toUpperCase() || 'mw'.includes(letter) ? 0.76 : 0.59;
}

const textWidth = (text: string, font: number): number =>
  [...text].reduce((sum, letter) => sum + advance(letter), 0) * font;

export interface Size {
  readonly width: number;
  readonly height: number;
}

interface MoveText {
  readonly fact: string;
  readonly to: string | null;
  readonly effects: readonly string[];
  readonly guards: readonly string[];
  readonly inside: boolean;
}

/** How the fact of a move is written; inside a box with where it leads. */
export function factText({ fact, to, inside }: MoveText): string {
  if (!inside) return fact;
  return to === null ? `↻ ${fact}` : `${fact} → ${to}`;
}

interface Detail {
  readonly kind: 'guard' | 'effect';
  readonly text: string;
}

const signed = (sign: string, names: readonly string[]): readonly string[] =>
  names.map((name) => `${sign} ${name}`);

/** Guards and effects: one a line beside an arrow, where place is narrow; together inside a box. */
export function detailsOf({ guards, effects, inside }: MoveText): readonly Detail[] {
  const lines = (sign: string, names: readonly string[]): readonly string[] =>
    inside && names.length > 0 ? signed(sign, [names.join(', ')]) : signed(sign, names);
  return [
    ...lines('◇', guards).map((text) => ({ kind: 'guard', text }) as const),
    ...lines('⚡', effects).map((text) => ({ kind: 'effect', text }) as const),
  ];
}

/** The fact's name with its guards and effects below it. */
export function moveSize(move: MoveText): Size {
  const details = detailsOf(move);
  const widths = details.map(({ text }) => textWidth(text, DETAIL_FONT));
  const padding = move.inside ? 2 * INSIDE_PADDING : 2 * LABEL_PADDING;
  return {
    width: Math.ceil(Math.max(textWidth(factText(move), FACT_FONT) + SIGN, ...widths) + padding),
    height: FACT_LINE + DETAIL_LINE * details.length + 4,
  };
}

/** A box for a name and the moves inside it. */
export function boxSize(name: string, inside: readonly MoveText[], nameHeight = STATE_HEIGHT): Size {
  const sizes = inside.map(moveSize);
  const widths = [72, textWidth(name, STATE_FONT) + 2 * STATE_PADDING, ...sizes.map(({ width }) => width)];
  return {
    width: Math.ceil(Math.max(...widths)),
    height: sizes.reduce((sum, { height }) => sum + height, nameHeight),
  };
}
