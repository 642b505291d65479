/**
 * Documents folded from the feed. A projection is a pure fold of facts into one document a key; the store keeps
 * the documents with the columns that lists filter and sort by.
 */
export interface ReadDocument<Doc = unknown> {
  readonly key: string;
  readonly tenant: string;
  readonly systemId: string | null;
  readonly status: string | null;
  /** Sort column of lists, ISO 8601; newest first. */
  readonly sortAt: string;
  readonly doc: Doc;
}

export interface ListQuery {
  readonly tenant: string;
  /** Only these sites; undefined means every site of the tenant. */
  readonly systemIds?: readonly string[] | undefined;
  readonly status?: string | undefined;
  readonly limit: number;
  /** Continues after the last row of the page before. */
  readonly cursor?: string | undefined;
}

export interface Page<Doc> {
  readonly items: readonly Doc[];
  readonly nextCursor: string | null;
}

export interface ReadModels {
  get<Doc>(projection: string, key: string): Promise<Doc | null>;
  list<Doc>(projection: string, query: ListQuery): Promise<Page<Doc>>;
  /** Resolves when the projection has folded the feed up to `seq`; false when `timeoutMs` passed first. */
  caughtUp(projection: string, seq: number, timeoutMs: number): Promise<boolean>;
}
