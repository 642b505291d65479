import { html, type Markup } from '../html.ts';
import { linearScale, type Scale, ticksOf, tickText } from './scale.ts';

/** The plot area of a chart, in pixels of its picture. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export function frameOf(width: number, height: number, left = 56, margin = 10): Frame {
  return { width, height, left, right: width - margin, top: 14, bottom: height - 30 };
}

/** A picture with a name and a description for those who do not see it. */
export function picture(
  frame: Pick<Frame, 'width' | 'height'>,
  about: { readonly id: string; readonly title: string; readonly description: string },
  content: readonly Markup[],
): Markup {
  const { width, height } = frame;
  return html`<svg viewBox="0 0 ${width} ${height}" style="min-width:${Math.round(width * 0.88)}px" role="img" aria-labelledby="${about.id}-t" aria-describedby="${about.id}-d"><title id="${about.id}-t">${about.title}</title><desc id="${about.id}-d">${about.description}</desc>${content}</svg>`;
}

/** Scale, lines and labels of a vertical axis over the values given; labels at both sides where it is `twice`. */
export function verticalAxis(
  { left, right, top, bottom }: Frame,
  low: number,
  high: number,
  unit: string,
  twice = false,
): { readonly y: Scale; readonly markup: Markup[] } {
  const ticks = ticksOf(low, high, 4);
  const y = linearScale(ticks[0] ?? low, ticks.at(-1) ?? high, bottom, top);
  const markup = ticks.map((tick) => {
    const at = y(tick).toFixed(1);
    const label = (y(tick) + 4).toFixed(1);
    return html`<line class="grid" x1="${left}" x2="${right}" y1="${at}" y2="${at}"/><text class="tick" x="${left - 6}" y="${label}" text-anchor="end">${tickText(tick)}</text>${twice ? html`<text class="tick" x="${right + 6}" y="${label}">${tickText(tick)}</text>` : null}`;
  });
  return { y, markup: [...markup, html`<text class="tick" x="${left}" y="${top - 3}">${unit}</text>`] };
}
