/** Parts of charts as SVG text. */

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const escapeText = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');

const round = (value: number): string => String(Math.round(value * 10) / 10);

/** Maps values to pixels. */
export type Scale = (value: number) => number;

export interface Range {
  readonly from: number;
  readonly to: number;
}

export const linear =
  (domain: Range, pixels: Range): Scale =>
  (value) =>
    pixels.from + ((value - domain.from) / (domain.to - domain.from || 1)) * (pixels.to - pixels.from);

export function logarithmic(domain: Range, pixels: Range): Scale {
  const scale = linear({ from: Math.log(domain.from), to: Math.log(domain.to) }, pixels);
  return (value) => scale(Math.log(value));
}

/** Round values within a range, about `count` of them. */
export function ticks({ from, to }: Range, count: number): number[] {
  const rough = (to - from) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((size) => size >= rough) ?? 10 * power;
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) =>
    Number(((first + i) * step).toPrecision(6)),
  );
}

export type Style = Readonly<Record<string, string | number>>;

const attributes = (style: Style): string =>
  Object.entries(style)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : escapeText(value)}"`)
    .join('');

export const element = (name: string, style: Style, content = ''): string =>
  `<${name}${attributes(style)}>${content}</${name}>`;

export const text = (x: number, y: number, words: string, style: Style = {}): string =>
  element('text', { x, y, ...style }, escapeText(words));

export const line = (x1: number, y1: number, x2: number, y2: number, style: Style = {}): string =>
  element('line', { x1, y1, x2, y2, ...style });

/** A line through points; it breaks where a value is missing. */
export function path(points: readonly (readonly [number, number])[], style: Style): string {
  let pen = 'M';
  const steps = points.flatMap(([x, y]) => {
    if (!Number.isFinite(y)) {
      pen = 'M';
      return [];
    }
    const step = `${pen}${round(x)} ${round(y)}`;
    pen = 'L';
    return [step];
  });
  return element('path', { d: steps.join(''), fill: 'none', ...style });
}

/** The area between two lines; points without both are left out. */
export function area(
  points: readonly (readonly [x: number, low: number, high: number])[],
  style: Style,
): string {
  const whole = points.filter(([, low, high]) => Number.isFinite(low) && Number.isFinite(high));
  const there = whole.map(([x, low]) => `${round(x)} ${round(low)}`);
  const back = whole.toReversed().map(([x, , high]) => `${round(x)} ${round(high)}`);
  return element('path', { d: whole.length === 0 ? '' : `M${[...there, ...back].join('L')}Z`, ...style });
}

export function picture(width: number, height: number, label: string, parts: readonly string[]): string {
  const style = { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': label };
  return element('svg', style, parts.join(''));
}
