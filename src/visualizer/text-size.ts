/** Sizes of texts, estimated from their letters: the server has no fonts to measure with. CSS pixels. */

export const STATE_FONT = 14;
export const FACT_FONT = 12;
export const EFFECT_FONT = 10;
/** Height of a line of the fact's name, and of an effect below it. */
export const FACT_LINE = 16;
export const EFFECT_LINE = 13;

/** Height of a state's box, without the internal transitions below its name. */
export const STATE_HEIGHT = 40;
/** Internal transitions begin this much above the end of the name's part of the box. */
export const INTERNAL_RAISE = 6;
const STATE_PADDING = 22;
const LABEL_PADDING = 9;

/** Mean advance of a letter in ems, a little above those of common sans-serif fonts so that texts always fit. */
function advance(letter: string): number {
  if ('iljtfrI.:-'.includes(letter)) return 0.4;
  return letter === letter.toUpperCase() || 'mw'.includes(letter) ? 0.76 : 0.59;
}

const textWidth = (text: string, font: number): number =>
  [...text].reduce((sum, letter) => sum + advance(letter), 0) * font;

interface Size {
  readonly width: number;
  readonly height: number;
}

const INTERNAL = '\u21BB ';

/** How a transition that stays in its state is written. */
export const internalName = (fact: string): string => INTERNAL + fact;

export const effectName = (effect: string): string => `⚡ ${effect}`;

/** The fact's name with one small line for each effect below it. */
export function transitionSize(fact: string, effects: readonly string[]): Size {
  const texts = effects.map((effect) => textWidth(effectName(effect), EFFECT_FONT));
  return {
    width: Math.ceil(Math.max(textWidth(fact, FACT_FONT), ...texts) + 2 * LABEL_PADDING),
    height: FACT_LINE + EFFECT_LINE * effects.length + 4,
  };
}

/** A box for the state's name and the transitions that stay in it. */
export function stateSize(
  name: string,
  internal: readonly { readonly fact: string; readonly effects: readonly string[] }[],
): Size {
  const sizes = internal.map(({ fact, effects }) => transitionSize(internalName(fact), effects));
  const widths = [72, textWidth(name, STATE_FONT) + 2 * STATE_PADDING, ...sizes.map(({ width }) => width)];
  return {
    width: Math.ceil(Math.max(...widths)),
    height: sizes.reduce((sum, { height }) => sum + height, STATE_HEIGHT),
  };
}
