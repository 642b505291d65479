import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTurns } from './turns.ts';

/** Work that starts when its turn comes and ends when it is told to. */
function workOf(name: number, log: number[]) {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const work = () => {
    log.push(name);
    return promise;
  };
  return { work, end: () => resolve(name), fail: () => reject(new Error(`${name} failed`)) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

interface Piece {
  readonly cancelled: boolean;
  readonly fails: boolean;
}

/** Asks for a turn for every piece, cancels those that wait and shall be, then ends the others one by one. */
async function play(most: number, pieces: readonly Piece[]): Promise<readonly string[]> {
  const turns = createTurns(most);
  const started: number[] = [];
  const all = pieces.map(({ cancelled, fails }, name) => {
    const { work, end, fail } = workOf(name, started);
    const controller = new AbortController();
    const taken = turns.take(work, controller.signal);
    return { name, taken, controller, isCancelled: cancelled && name >= most, finish: fails ? fail : end };
  });
  const outcomes = Promise.allSettled(all.map(({ taken }) => taken));
  await settled();
  for (const { controller } of all.filter((one) => one.isCancelled)) controller.abort(new Error('cancelled'));
  const left = all.filter((one) => !one.isCancelled);
  for (const [ended, { finish }] of left.entries()) {
    expect(started).toEqual(left.slice(0, ended + most).map(({ name }) => name));
    finish();
    await settled();
  }
  return (await outcomes).map(({ status }) => status);
}

describe('turns', () => {
  it('start in the order they were asked for, never more at once than allowed, whatever fails or is cancelled', async () => {
    const most = fc.integer({ min: 1, max: 3 });
    const pieces = fc.array(fc.record({ cancelled: fc.boolean(), fails: fc.boolean() }), { maxLength: 8 });
    const check = fc.asyncProperty(most, pieces, async (allowed, all) => {
      const statuses = await play(allowed, all);
      const isDone = ({ cancelled, fails }: Piece, i: number) => !fails && !(cancelled && i >= allowed);
      expect(statuses).toEqual(all.map((one, i) => (isDone(one, i) ? 'fulfilled' : 'rejected')));
    });
    await fc.assert(check, { numRuns: 50 });
  });

  it('start nothing for a signal that is aborted already', async () => {
    const started: number[] = [];
    const late = createTurns(1).take(workOf(1, started).work, AbortSignal.abort(new Error('too late')));
    await expect(late).rejects.toThrow('too late');
    expect(started).toEqual([]);
  });
});
