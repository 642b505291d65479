import type { Colors } from '../cli.ts';

/** Hours of a forecast; kW. */
export interface PlotHour {
  readonly loadKw: number;
  readonly lowerKw: number;
  readonly upperKw: number;
}

const ROWS = 9;

function cellOf(hour: PlotHour, low: number, step: number, row: number, colors: Colors): string {
  const rowOf = (kw: number): number => Math.min(ROWS - 1, Math.max(0, Math.floor((kw - low) / step)));
  if (rowOf(hour.loadKw) === row) return colors.cyan('●');
  return row >= rowOf(hour.lowerKw) && row <= rowOf(hour.upperKw) ? colors.dim('░') : ' ';
}

/** A small picture for the terminal: a column an hour, the forecast as dots in its shaded band. */
export function plotLines(
  hours: readonly PlotHour[],
  label: (kw: number) => string,
  colors: Colors,
): string[] {
  const low = Math.min(...hours.map(({ lowerKw }) => lowerKw));
  const high = Math.max(...hours.map(({ upperKw }) => upperKw));
  const step = (high - low) / ROWS || 1;
  const labels = Array.from({ length: ROWS }, (_, row) => label(low + (row + 0.5) * step));
  const width = Math.max(...labels.map((text) => text.length));
  return labels
    .map((text, row) => {
      const cells = hours.map((hour) => cellOf(hour, low, step, row, colors)).join('');
      return `  ${text.padStart(width)} ┤${cells}`;
    })
    .reverse();
}
