import { progressBar } from '../../main/terminal/sparkline.ts';
import { type Cli, colorsOf } from '../cli.ts';

/**
 * How work goes on: on a terminal a line with a bar for each piece of work, rewritten in place; elsewhere one
 * plain line when a piece is done.
 */
export interface Progress {
  /** Share of a piece of work, 0 to 1. Its line keeps its place below those that came before. */
  bar(name: string, share: number, detail?: string): void;
  /** A step that is done: its line stays. The bars above it are gone. */
  done(text: string): void;
  /** Something that people should know; its line stays. */
  note(text: string): void;
  /** Takes the bars away. */
  close(): void;
}

const BAR_WIDTH = 24;
const NAME_WIDTH = 10;
/** Rewriting more often than this only flickers, ms. */
const REDRAW_MS = 60;

const silent: Progress = { bar: () => {}, done: () => {}, note: () => {}, close: () => {} };

function plainProgress({ stderr }: Cli): Progress {
  const told = new Set<string>();
  const line = (text: string): void => {
    stderr.write(`${text}\n`);
  };
  return {
    bar(name, share, detail = '') {
      const text = `${name}${detail === '' ? '' : ` ${detail}`}`;
      if (share < 1 || told.has(text)) return;
      told.add(text);
      line(`  ${text}: done`);
    },
    done: (text) => line(`  ${text}`),
    note: (text) => line(`  ! ${text}`),
    close: () => {},
  };
}

interface Bar {
  readonly share: number;
  readonly detail: string;
}

function liveProgress({ stderr, env }: Cli): Progress {
  const colors = colorsOf(stderr, env);
  const bars = new Map<string, Bar>();
  let drawn = 0;
  let last = 0;

  const clear = (): void => {
    if (drawn > 0) stderr.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  const lineOf = (name: string, { share, detail }: Bar): string => {
    const room = (stderr.columns ?? 80) - NAME_WIDTH - BAR_WIDTH - 11;
    const bar = progressBar(share, BAR_WIDTH);
    const shown = share >= 1 ? colors.green(bar) : colors.cyan(bar);
    const percent = `${Math.floor(share * 100)} %`.padStart(5);
    return `  ${name.padEnd(NAME_WIDTH)} ${shown} ${percent}  ${colors.dim(detail.slice(0, Math.max(0, room)))}`;
  };
  const draw = (): void => {
    clear();
    const lines = [...bars].map(([name, bar]) => `${lineOf(name, bar)}\n`);
    stderr.write(lines.join(''));
    drawn = lines.length;
  };
  const line = (text: string): void => {
    clear();
    bars.clear();
    stderr.write(`${text}\n`);
  };

  return {
    bar(name, share, detail = '') {
      bars.set(name, { share: Math.min(1, Math.max(0, share)), detail });
      const now = performance.now();
      if (now - last < REDRAW_MS && share < 1) return;
      last = now;
      draw();
    },
    done: (text) => line(`  ${colors.green('✓')} ${text}`),
    note: (text) => line(`  ${colors.yellow('!')} ${text}`),
    close() {
      clear();
      bars.clear();
    },
  };
}

/** Progress for people at the terminal; programs that read JSON get none unless a person watches too. */
export function createProgress(cli: Cli, json: boolean): Progress {
  if (cli.stderr.isTTY === true) return liveProgress(cli);
  return json ? silent : plainProgress(cli);
}
