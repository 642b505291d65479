import picocolors from 'picocolors';

/** Where people read what happens: lines, and on a terminal one line that is rewritten while work goes on. */
export interface Screen {
  line(text: string): void;
  /** A finished step, with a tick. */
  done(text: string): void;
  problem(text: string): void;
  /** Shows work in progress; replaced by the next call of any method. Without a terminal only changes of `step` print. */
  progress(step: string, detail: string): void;
  readonly isTerminal: boolean;
  readonly colors: ReturnType<typeof picocolors.createColors>;
}

interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const CLEAR_LINE = '\r\u001b[2K';

export function createScreen(output: Output, env: Readonly<Record<string, string | undefined>>): Screen {
  const terminal = output.isTTY === true;
  const colors = picocolors.createColors(terminal && !env['NO_COLOR']);
  let transient = false;
  let lastStep = '';

  function line(text: string): void {
    output.write(`${transient ? CLEAR_LINE : ''}${text}\n`);
    transient = false;
  }

  function progress(step: string, detail: string): void {
    if (terminal) {
      const text = `  ${colors.cyan('…')} ${step} ${detail}`;
      output.write(`${CLEAR_LINE}${text.slice(0, (output.columns || 100) + 10)}`);
      transient = true;
    } else if (step !== lastStep) {
      output.write(`  … ${step}\n`);
    }
    lastStep = step;
  }

  return {
    line,
    done: (text) => line(`  ${colors.green('✓')} ${text}`),
    problem: (text) => line(`  ${colors.red('✗')} ${text}`),
    progress,
    isTerminal: terminal,
    colors,
  };
}
