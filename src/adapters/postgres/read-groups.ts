import { createGroups } from './groups.ts';

const PATIENCE_MS = 10;
const LARGEST_GROUP = 128;

/** How one key, or several at once in their order, are read from the database. */
export interface Reads<Key, Value> {
  one(key: Key): Promise<Value>;
  several(keys: readonly Key[]): Promise<readonly Value[]>;
}

/**
 * Gives a function that reads one key, those that wait at one moment together. Every read begins after it was asked
 * for: it sees all that was committed before. A group that fails is read again one by one.
 */
export const createGroupedReader = <Key, Value>(reads: Reads<Key, Value>): ((key: Key) => Promise<Value>) =>
  createGroups({
    one: (key) => reads.one(key),
    several: (keys) => reads.several(keys),
    largestGroup: LARGEST_GROUP,
    patienceMs: PATIENCE_MS,
  });
