import { html, type Markup } from '../html.ts';
import { picture } from './frame.ts';
import { extentOf } from './scale.ts';

export interface HeatMap {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** Fractions, [rows × columns]; NaN where there is nothing. */
  readonly values: ArrayLike<number>;
  readonly rowTitle: string;
  readonly columnTitle: string;
}

const LEFT = 52;
const TOP = 34;
const CELL = { width: 40, height: 19 };
const STEPS = 8;

/** 0 (least) to 7 (greatest); colours follow the page's theme. */
function stepOf(value: number, low: number, high: number): number {
  return Math.min(STEPS - 1, Math.floor(((value - low) / (high - low || 1)) * STEPS));
}

/** Cells coloured by how large the error is, each with its number. */
export function heatMap(
  map: HeatMap,
  about: { readonly id: string; readonly title: string; readonly description: string },
): Markup {
  const { rows, columns, values } = map;
  const [low, high] = extentOf(values);
  const size = { width: LEFT + columns.length * CELL.width + 4, height: TOP + rows.length * CELL.height + 4 };
  const cells = rows.flatMap((_, r) =>
    columns.map((_, c) => {
      const value = values[r * columns.length + c] ?? Number.NaN;
      const [x, y] = [LEFT + c * CELL.width, TOP + r * CELL.height];
      if (Number.isNaN(value)) return html``;
      const step = stepOf(value, low, high);
      return html`<rect class="h${step}" x="${x}" y="${y}" width="${CELL.width - 1}" height="${CELL.height - 1}"/><text class="cell c${step}" x="${x + CELL.width / 2}" y="${y + 13}">${(value * 100).toFixed(1)}</text>`;
    }),
  );
  return picture(size, about, [
    html`<text class="tick" x="0" y="${TOP - 6}">${map.rowTitle}</text><text class="tick" x="${LEFT}" y="11">${map.columnTitle}</text>`,
    ...rows.map(
      (row, r) =>
        html`<text class="tick" x="${LEFT - 6}" y="${TOP + r * CELL.height + 13}" text-anchor="end">${row}</text>`,
    ),
    ...columns.map(
      (column, c) =>
        html`<text class="tick" x="${LEFT + c * CELL.width + CELL.width / 2}" y="${TOP - 6}" text-anchor="middle">${column}</text>`,
    ),
    ...cells,
  ]);
}
