export interface GroupOptions<Key, Value> {
  /** Does what one key asks for. */
  readonly one: (key: Key) => Promise<Value>;
  /** The same for several at once, in their order. */
  readonly several: (keys: readonly Key[]) => Promise<readonly Value[]>;
  readonly largestGroup: number;
  /** None waits longer than this for a group before it, ms. */
  readonly patienceMs: number;
}

interface Waiting<Key, Value> {
  readonly key: Key;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gives a function that does what one key asks for, those that wait at one moment together. One group is under way at
 * a time and all that arrive meanwhile form the next, so that a busy node pays one round trip for dozens, and a lone
 * one never waits. A group that fails is done again one by one, so that none suffers from its neighbours.
 */
export function createGroups<Key, Value>(options: GroupOptions<Key, Value>): (key: Key) => Promise<Value> {
  const { one, several, largestGroup, patienceMs } = options;
  let queue: Waiting<Key, Value>[] = [];
  let turn = 0;
  let busy = false;
  let patience: NodeJS.Timeout | undefined;

  const alone = ({ key, resolve, reject }: Waiting<Key, Value>): Promise<void> =>
    one(key).then(resolve, reject);

  const together = async (group: readonly Waiting<Key, Value>[]): Promise<void> => {
    try {
      const values = await several(group.map(({ key }) => key));
      for (const [index, { resolve }] of group.entries()) resolve(values[index] as Value);
    } catch {
      await Promise.all(group.map(alone));
    }
  };
  const next = (): void => {
    clearTimeout(patience);
    const group = queue.slice(0, largestGroup);
    queue = queue.slice(largestGroup);
    const [first, second] = group;
    busy = first !== undefined;
    if (first === undefined) return;
    if (queue.length > 0) patience = setTimeout(next, patienceMs);
    turn += 1;
    const own = turn;
    const done = (): void => {
      if (turn === own) next();
    };
    // Those whose wishes were met together ask again together: wait for all that this turn brings.
    if (second === undefined) void alone(first).then(done);
    else void together(group).then(() => setImmediate(done));
  };
  return (key) =>
    new Promise((resolve, reject) => {
      queue.push({ key, resolve, reject });
      if (!busy) next();
      // A lone one pays for no timer.
      else if (queue.length === 1) patience = setTimeout(next, patienceMs);
    });
}
