import { formatPercent } from '../format.ts';

export interface Line {
  readonly name: string;
  /** By place from the first; null where nothing is known. */
  readonly values: readonly (number | null)[];
}

interface LinesProps {
  readonly label: string;
  readonly lines: readonly Line[];
  /** Named marks of the horizontal axis, by place. */
  readonly marks: readonly { readonly at: number; readonly text: string }[];
}

const WIDTH = 480;
const HEIGHT = 180;
const LEFT = 46;
const BOTTOM = 22;
const TOP = 8;
const GRID = [0, 0.5, 1];

function pieces(values: readonly (number | null)[], x: (i: number) => number, y: (value: number) => number) {
  const found: string[][] = [[]];
  for (const [i, value] of values.entries()) {
    if (value === null) found.push([]);
    else found.at(-1)?.push(`${x(i).toFixed(1)},${y(value).toFixed(1)}`);
  }
  return found.filter(({ length }) => length > 0).map((points) => points.join(' '));
}

/** A few lines of percentages over the same places; the numbers themselves stand in a table beside it. */
export function Lines({ label, lines, marks }: LinesProps) {
  const count = Math.max(2, ...lines.map(({ values }) => values.length));
  const most = Math.max(1, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const x = (i: number) => LEFT + ((WIDTH - LEFT - 6) * i) / (count - 1);
  const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most);
  return (
    <svg class="lines" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {GRID.map((share) => (
        <g key={share}>
          <line class="grid" x1={LEFT} x2={WIDTH - 6} y1={y(most * share)} y2={y(most * share)} />
          <text x={LEFT - 6} y={y(most * share) + 4} text-anchor="end">
            {formatPercent(Math.round(most * share * 10) / 10)}
          </text>
        </g>
      ))}
      {marks.map(({ at, text }) => (
        <text key={at} x={x(at)} y={HEIGHT - 6} text-anchor="middle">
          {text}
        </text>
      ))}
      {lines.map(({ name, values }, i) =>
        pieces(values, x, y).map((points) => (
          <polyline
            key={`${name}/${points.length}/${points.slice(0, 12)}`}
            class={`line-${i}`}
            points={points}
          />
        )),
      )}
    </svg>
  );
}
