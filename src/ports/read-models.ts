/**
 * Documents folded from the feed by projections, kept with the columns that lists filter and sort by (the shape
 * of `ReadDocument` in `projections`). Lists are newest first.
 */

export interface ListQuery {
  readonly tenant: string;
  /** Only these sites; undefined means every site of the tenant. */
  readonly systemIds?: readonly string[] | undefined;
  readonly status?: string | undefined;
  readonly limit: number;
  /** Continues after the last row of the page before: its `nextCursor`, nothing else. */
  readonly cursor?: string | undefined;
}

export interface Page<Doc> {
  readonly items: readonly Doc[];
  readonly nextCursor: string | null;
}

/** A cursor that no page gave out. */
export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor';

  constructor() {
    super('the cursor is not one that a page gave: leave it out to start with the first page');
  }
}

export interface ReadModels {
  get<Doc>(projection: string, key: string): Promise<Doc | null>;
  /** Throws {@link InvalidCursor}. */
  list<Doc>(projection: string, query: ListQuery): Promise<Page<Doc>>;
  /** Resolves when the projection has folded the feed up to `seq`; false when `timeoutMs` passed first. */
  caughtUp(projection: string, seq: number, timeoutMs: number): Promise<boolean>;
}
