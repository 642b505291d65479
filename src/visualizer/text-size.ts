/** Sizes of texts, estimated from their letters: the server has no fonts to measure with. CSS pixels. */

export const STATE_FONT = 14;
export const FACT_FONT = 12;
export const EFFECT_FONT = 10;
/** Height of a line of the fact's name, and of an effect below it. */
export const FACT_LINE = 16;
export const EFFECT_LINE = 13;

const STATE_HEIGHT = 40;
const STATE_PADDING = 22;
const LABEL_PADDING = 9;

/** Mean advance of a letter in ems, a little above those of common sans-serif fonts so that texts always fit. */
function advance(letter: string): number {
  if ('iljtfrI.:-'.includes(letter)) return 0.4;
  return letter === letter.toUpperCase() || 'mw'.includes(letter) ? 0.76 : 0.59;
}

const textWidth = (text: string, font: number): number =>
  [...text].reduce((sum, letter) => sum + advance(letter), 0) * font;

export function stateSize(name: string): { width: number; height: number } {
  return {
    width: Math.ceil(Math.max(72, textWidth(name, STATE_FONT) + 2 * STATE_PADDING)),
    height: STATE_HEIGHT,
  };
}

/** The fact's name with one small line for each effect below it. */
export function edgeLabelSize(fact: string, effects: readonly string[]): { width: number; height: number } {
  const texts = [
    textWidth(fact, FACT_FONT),
    ...effects.map((effect) => textWidth(`⚡ ${effect}`, EFFECT_FONT)),
  ];
  return {
    width: Math.ceil(Math.max(...texts) + 2 * LABEL_PADDING),
    height: FACT_LINE + EFFECT_LINE * effects.length + 4,
  };
}
