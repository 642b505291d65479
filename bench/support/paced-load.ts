/**
 * Calls at a fixed rate, each sent when it is due whether or not earlier ones were answered. A saturating load
 * would time its own queue, and autocannon sends a second's calls at once and makes up samples for those that
 * waited, so that neither tells what a caller at this rate waits.
 */
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Pace {
  readonly perSecond: number;
  readonly seconds: number;
}

function call(url: string, agent: Agent): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const request = get(url, { agent }, (response) => {
    if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`));
    response.once('error', reject).once('end', resolve).resume();
  });
  request.once('error', reject);
  return promise;
}

/** The smallest value that at least `share` of all are not above. Throws a RangeError when there are none. */
export function percentile(values: readonly number[], share: number): number {
  const value = values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)];
  if (value === undefined) throw new RangeError('no percentile of no values');
  return value;
}

/** How long each call took, in ms, from the moment it was due. Rejects when one is not answered with 200. */
export async function pacedLoad(url: string, { perSecond, seconds }: Pace): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true });
  const start = performance.now();
  const timed = async (due: number): Promise<number> => {
    await call(url, agent);
    return performance.now() - due;
  };
  const calls: Promise<number>[] = [];
  for (let i = 0; i < perSecond * seconds; i += 1) {
    const due = start + (i * 1000) / perSecond;
    const early = due - performance.now();
    // Timers take whole milliseconds: rather late, which counts, than early, which would flatter.
    if (early > 0) await sleep(Math.ceil(early));
    const answered = timed(due);
    answered.catch(() => undefined);
    calls.push(answered);
  }
  try {
    return await Promise.all(calls);
  } finally {
    agent.destroy();
  }
}
