import { type FieldProblem, Problem } from '../problem/problem.ts';

const HOUR_MS = 3_600_000;
const MAX_LISTED = 20;

/** Hours that a table may hold, epoch ms, and what is said of those before and after them. */
export interface HourBounds {
  readonly earliest: number;
  readonly latest: number;
  readonly early: string;
  readonly late: string;
}

/** What is wrong with the hour of a row, or null; `before` is the row that has the same one. */
export function hourProblem(at: number, bounds: HourBounds, before: number | undefined): string | null {
  if (Number.isNaN(at)) return 'is no instant: write it like 2026-01-05T06:00:00Z';
  if (at % HOUR_MS !== 0) return 'is not the beginning of an hour: values are hourly, in UTC';
  if (at > bounds.latest) return bounds.late;
  if (at < bounds.earliest) return bounds.early;
  return before === undefined ? null : `repeats the hour of row ${before}: send each hour once`;
}

/** What is wrong with the rows of a table or list. */
export interface RowProblems {
  /** Notes what is wrong with a row, numbered from 1. */
  refuse(row: number, field: string, detail: string): void;
  /** Throws a 422 problem that names the rows when any was wrong. */
  finish(): void;
}

/** `list` is the member of a JSON body that holds the rows. */
export function createRowProblems(list: string, code: string): RowProblems {
  const problems: FieldProblem[] = [];
  let refused = 0;
  return {
    refuse: (row, field, detail) => {
      refused += 1;
      if (problems.length < MAX_LISTED)
        problems.push({ pointer: `/body/${list}/${row - 1}${field}`, row, detail });
    },
    finish: () => {
      const [first] = problems;
      if (first === undefined) return;
      const more = refused > 1 ? ` ${refused} problems in all; the first ${problems.length} are listed.` : '';
      throw new Problem(422, code, `Nothing was stored: row ${first.row} ${first.detail}.${more}`, {
        problems,
        members: { problemCount: refused },
      });
    },
  };
}
