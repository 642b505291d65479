import type { Box, Point } from './layout.ts';

/** Pieces of SVG. */

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
export function pathOf(points: readonly Point[]): string {
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
export function arrowOf(points: readonly Point[]): string {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (tip === undefined || before === undefined) return '';
  const angle = Math.atan2(tip.y - before.y, tip.x - before.x);
  const corner = (turn: number) =>
    `${round(tip.x - 9 * Math.cos(angle + turn))} ${round(tip.y - 9 * Math.sin(angle + turn))}`;
  return `M${corner(0.42)}L${round(tip.x)} ${round(tip.y)}L${corner(-0.42)}Z`;
}

export const rect = (name: string, { x, y, width, height }: Box, inset: number, radius: number): string =>
  `<rect class="${name}" x="${round(x + inset)}" y="${round(y + inset)}" width="${round(width - 2 * inset)}" height="${round(height - 2 * inset)}" rx="${radius}"/>`;

/** `before` is markup of our own, put in front of the text. */
export const text = (name: string, x: number, y: number, content: string, before = ''): string =>
  `<text class="${name}" x="${round(x)}" y="${round(y)}">${before}${escapeXml(content)}</text>`;
