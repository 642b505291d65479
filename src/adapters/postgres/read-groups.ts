/**
 * Reads that are asked for while one is under way form the next group, so that a busy node pays one round trip for
 * dozens of them, and a lone reader never waits. No read waits longer than this for a group before it.
 */
const PATIENCE_MS = 10;
const LARGEST_GROUP = 128;

interface Waiting<Key, Value> {
  readonly key: Key;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

/** How one key, or several at once in their order, are read from the database. */
export interface Reads<Key, Value> {
  one(key: Key): Promise<Value>;
  several(keys: readonly Key[]): Promise<readonly Value[]>;
}

/**
 * Gives a function that reads one key, those that wait at one moment together. Every read begins after it was asked
 * for: it sees all that was committed before. A group that fails is read again one by one.
 */
export function createGroupedReader<Key, Value>(reads: Reads<Key, Value>): (key: Key) => Promise<Value> {
  let queue: Waiting<Key, Value>[] = [];
  let turn = 0;
  let busy = false;
  let patience: NodeJS.Timeout | undefined;

  const alone = ({ key, resolve, reject }: Waiting<Key, Value>): Promise<void> =>
    reads.one(key).then(resolve, reject);

  const together = async (group: readonly Waiting<Key, Value>[]): Promise<void> => {
    try {
      const values = await reads.several(group.map(({ key }) => key));
      for (const [index, { resolve }] of group.entries()) resolve(values[index] as Value);
    } catch {
      await Promise.all(group.map(alone));
    }
  };
  const next = (): void => {
    clearTimeout(patience);
    const group = queue.slice(0, LARGEST_GROUP);
    queue = queue.slice(LARGEST_GROUP);
    const [first, second] = group;
    busy = first !== undefined;
    if (first === undefined) return;
    if (queue.length > 0) patience = setTimeout(next, PATIENCE_MS);
    turn += 1;
    const own = turn;
    const done = (): void => {
      if (turn === own) next();
    };
    // Those whose reads came together ask again together: wait for all that this turn brings.
    if (second === undefined) void alone(first).then(done);
    else void together(group).then(() => setImmediate(done));
  };
  return (key) =>
    new Promise((resolve, reject) => {
      queue.push({ key, resolve, reject });
      if (!busy) next();
      // A lone reader pays for no timer.
      else if (queue.length === 1) patience = setTimeout(next, PATIENCE_MS);
    });
}
