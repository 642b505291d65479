import picocolors from 'picocolors';

/** A stream that people or programs read. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What a command has of the world around it. */
export interface Cli {
  /** Results. */
  readonly stdout: Output;
  /** Progress and problems. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C, with what is then to be told. */
  readonly signal: AbortSignal;
  /** Goes on as the bundled program of a device, where that was built; only a process of its own can. */
  readonly becomeDevice?: (settings: string) => void;
}

export type Colors = ReturnType<typeof picocolors.createColors>;

/** Colours for a stream: none where it is no terminal or NO_COLOR is set. */
export function colorsOf(output: Output, env: Cli['env']): Colors {
  return picocolors.createColors(output.isTTY === true && !env['NO_COLOR']);
}

export function print(output: Output, lines: readonly string[]): void {
  if (lines.length > 0) output.write(`${lines.join('\n')}\n`);
}

export function printJson(output: Output, value: unknown): void {
  output.write(`${JSON.stringify(value, null, 2)}\n`);
}
