/** What to bring out in a picture, transitions by their ids. */
export interface Marks {
  readonly current: string | null;
  /** The transition that the shown fact took. */
  readonly last: string | null;
  /** All that were taken up to it. */
  readonly taken: readonly string[];
  /** What could have happened instead, and what a guard refuses now. */
  readonly refused: readonly string[];
  readonly possible: readonly string[];
}

export const noMarks: Marks = { current: null, last: null, taken: [], refused: [], possible: [] };

export type Mark = 'last' | 'possible' | 'refused' | 'taken';

/** The one mark of a line: what happened last and what may happen now come before what is over. */
export function markOf(ids: readonly string[], marks: Marks): Mark | null {
  const among = (some: readonly string[]) => ids.some((id) => some.includes(id));
  if (marks.last !== null && ids.includes(marks.last)) return 'last';
  if (among(marks.possible)) return 'possible';
  if (among(marks.refused)) return 'refused';
  return among(marks.taken) ? 'taken' : null;
}

/** Signs that tell the marks apart without colours. */
export const SIGNS: Readonly<Record<Mark, string>> = {
  last: '●',
  taken: '✓',
  refused: '✕',
  possible: '○',
};
