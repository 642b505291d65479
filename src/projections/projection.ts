import type { SequencedFact } from '../events/envelope.ts';

/** A document with the columns that lists filter and sort by. */
export interface ReadDocument<Doc = unknown> {
  readonly key: string;
  /** Lists show a tenant's own documents; one that only serves the fold has the empty tenant. */
  readonly tenant: string;
  readonly systemId: string | null;
  readonly status: string | null;
  /** Sort column of lists, ISO 8601; newest first. */
  readonly sortAt: string;
  readonly doc: Doc;
}

/**
 * A pure fold of facts into documents, one a key. Whoever runs it advances a checkpoint in the transaction that
 * writes the documents, so that every fact is folded exactly once, in feed order.
 */
export interface Projection<Doc = unknown> {
  readonly name: string;
  /** Raise it when the fold changes: the documents are then folded anew from nothing. */
  readonly version: number;
  /** Keys of the documents that the fact touches, as far as the fact alone can tell; most facts touch none. */
  keysOf(fact: SequencedFact): readonly string[];
  /** Further keys that only a document just folded can name: a job's document knows its model's. */
  follow?(fact: SequencedFact, document: ReadDocument<Doc>): readonly string[];
  /**
   * The document after the fact, null to have none. `from` is the document that `follow` came from, undefined for
   * a key of `keysOf`. Returning `current` itself writes nothing.
   */
  apply(
    current: ReadDocument<Doc> | undefined,
    fact: SequencedFact,
    key: string,
    from: ReadDocument<Doc> | undefined,
  ): ReadDocument<Doc> | null;
}

/** Documents at hand, null for a key that is known to have none. */
export type Documents = ReadonlyMap<string, ReadDocument | null>;

export type FoldResult =
  /** The fold needs documents that are not at hand; nothing was folded. */
  { readonly missing: readonly string[] } | { readonly changed: ReadonlyMap<string, ReadDocument | null> };

/** Folds one fact over the documents at hand. */
export function foldFact(projection: Projection, documents: Documents, fact: SequencedFact): FoldResult {
  const changed = new Map<string, ReadDocument | null>();
  const missing: string[] = [];
  const fold = (key: string, from: ReadDocument | undefined): ReadDocument | null => {
    const current = changed.has(key) ? changed.get(key) : documents.get(key);
    if (current === undefined) {
      missing.push(key);
      return null;
    }
    const next = projection.apply(current ?? undefined, fact, key, from);
    if (next !== current) changed.set(key, next);
    return next;
  };
  for (const key of projection.keysOf(fact)) {
    const document = fold(key, undefined);
    if (document === null) continue;
    for (const further of projection.follow?.(fact, document) ?? []) fold(further, document);
  }
  return missing.length > 0 ? { missing } : { changed };
}
