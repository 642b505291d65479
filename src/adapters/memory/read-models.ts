import type { FactRules } from '../../events/catalogue.ts';
import type { SequencedFact } from '../../events/envelope.ts';
import { InvalidCursor, type ListQuery, type Page, type ReadModels } from '../../ports/read-models.ts';
import { foldFact, type Projection, type ReadDocument } from '../../projections/projection.ts';
import { sequenced } from './event-log.ts';
import { copy, type MemoryState, type ProjectionState } from './state.ts';

export interface MemoryReadModelsOptions {
  readonly state: MemoryState;
  readonly projections: readonly Projection[];
  readonly rules: FactRules;
}

const newestFirst = (a: ReadDocument, b: ReadDocument): number =>
  Date.parse(b.sortAt) - Date.parse(a.sortAt) || (a.key < b.key ? 1 : -1);

function listed({ tenant, systemIds, status }: ListQuery, document: ReadDocument): boolean {
  if (document.tenant !== tenant) return false;
  if (status !== undefined && document.status !== status) return false;
  return systemIds === undefined || (document.systemId !== null && systemIds.includes(document.systemId));
}

function list(documents: readonly ReadDocument[], query: ListQuery): Page<unknown> {
  const sorted = documents.filter((document) => listed(query, document)).sort(newestFirst);
  const after = query.cursor === undefined ? -1 : sorted.findIndex(({ key }) => key === query.cursor);
  if (query.cursor !== undefined && after < 0) throw new InvalidCursor();
  const page = sorted.slice(after + 1, after + 1 + Math.max(1, query.limit));
  const more = sorted.length > after + 1 + page.length;
  return { items: page.map(({ doc }) => copy(doc)), nextCursor: more ? (page.at(-1)?.key ?? null) : null };
}

/** What the fact changes; every document is at hand here, so that a missing one does not exist. */
function changedBy(
  projection: Projection,
  stored: ReadonlyMap<string, ReadDocument>,
  fact: SequencedFact,
): ReadonlyMap<string, ReadDocument | null> {
  const documents = new Map<string, ReadDocument | null>(stored);
  for (;;) {
    const result = foldFact(projection, documents, fact);
    if ('changed' in result) return result.changed;
    for (const key of result.missing) documents.set(key, null);
  }
}

function advance(
  state: MemoryState,
  rules: FactRules,
  projection: Projection,
  target: ProjectionState,
): void {
  for (const stored of state.facts.slice(target.seq)) {
    for (const [key, document] of changedBy(projection, target.documents, sequenced(rules, stored))) {
      if (document === null) target.documents.delete(key);
      else target.documents.set(key, copy({ ...document, key }));
    }
    target.seq = stored.seq;
  }
}

export interface MemoryReadModels extends ReadModels {
  /** Folds the projection again from nothing. */
  rebuild(name: string): Promise<void>;
}

/** Read models in memory; they are folded when they are read, so that they are never behind. */
export function createMemoryReadModels(options: MemoryReadModelsOptions): MemoryReadModels {
  const { state, rules } = options;

  const folded = (name: string): ProjectionState => {
    const target = state.projections.get(name) ?? { seq: 0, documents: new Map() };
    state.projections.set(name, target);
    const projection = options.projections.find((each) => each.name === name);
    if (projection !== undefined) advance(state, rules, projection, target);
    return target;
  };
  return {
    get: async <Doc>(projection: string, key: string) => {
      const document = folded(projection).documents.get(key);
      // The caller names the type of the documents that its projection wrote.
      return document === undefined ? null : (copy(document.doc) as Doc);
    },
    list: async <Doc>(projection: string, query: ListQuery) =>
      list([...folded(projection).documents.values()], query) as Page<Doc>,
    caughtUp: async (projection, seq) => folded(projection).seq >= seq,
    rebuild: async (name) => {
      state.projections.delete(name);
      folded(name);
    },
  };
}
