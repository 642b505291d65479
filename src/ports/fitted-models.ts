/** What came of a model's fit: the checksum of what it learnt, in the artifact store, or why it could not be fitted. */
export type FitOutcome = { readonly checksum: string } | { readonly reason: string };

/** Outcomes of models that were fitted apart from their training, by the key of the effect that asked for them. */
export interface FittedModels {
  /** Keeps the outcome; a second one of the same key is left out, since equal fits are equal. */
  record(key: string, outcome: FitOutcome): Promise<void>;
  /** Outcomes of these keys, as far as they are known. */
  find(keys: readonly string[]): Promise<ReadonlyMap<string, FitOutcome>>;
  /** Forgets what was recorded more than `olderThanMs` ago, once `remove` has removed what was learnt. */
  forget(olderThanMs: number, remove: (checksum: string) => Promise<void>): Promise<void>;
}
