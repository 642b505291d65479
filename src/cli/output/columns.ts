/** Text from elsewhere, such as a device's reason, without what a terminal would obey. */
export const plain = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

const NUMBERS = /^[-–\d.,%\s]*$/;

/** Lines of a table for people: columns of numbers to the right, others to the left. */
export function columnLines(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const shown = rows.map((row) => row.map(plain));
  const columns = header.map((name, i) => {
    const cells = shown.map((row) => row[i] ?? '');
    return {
      width: Math.max(name.length, ...cells.map((cell) => cell.length)),
      toRight: cells.every((cell) => NUMBERS.test(cell)),
    };
  });
  const lineOf = (cells: readonly string[]): string =>
    columns
      .map(({ width, toRight }, i) =>
        toRight ? (cells[i] ?? '').padStart(width) : (cells[i] ?? '').padEnd(width),
      )
      .join('  ')
      .trimEnd();
  return [header, ...shown].map((row) => `  ${lineOf(row)}`);
}

/** An instant to the minute, in UTC. */
export const minute = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 16)}Z`;

export const orDash = (text: string | null | undefined): string => text ?? '–';

/** Percent and kW as people read them. */
export const figure = (value: number | null | undefined, digits = 2): string =>
  typeof value === 'number' ? value.toFixed(digits) : '–';
