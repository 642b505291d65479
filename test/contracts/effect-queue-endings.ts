import { describe, expect, test } from 'vitest';
import {
  append,
  commitOf,
  effect,
  enqueue,
  helpers,
  keys,
  type LogAndQueue,
  newStream,
  noted,
  until,
} from './fixtures.ts';

function failures(node: () => LogAndQueue): void {
  const { claim, claimOne } = helpers(node);
  describe('failures', () => {
    test('a retried effect waits, shows its error, and counts its tries', async () => {
      const stream = await enqueue(node(), effect('failing'));
      await node().effects.retry(await claimOne(), 'no route\0 to host', 3_600_000);
      expect(await claim()).toEqual([]);
      const [shown] = await node().effects.ofStream(stream);
      expect(shown).toMatchObject({ state: 'retrying', attempts: 1 });
      expect(shown?.error).toContain('no route');
    });

    test('a buried effect stays visible and is re-driven with fresh tries', async () => {
      const stream = await enqueue(node(), effect('dead-a', { type: 'publish' }), effect('dead-b'));
      for (const lease of await claim()) await node().effects.bury(lease, 'gave up');
      expect(await claim()).toEqual([]);
      expect((await node().effects.dead(10)).map(({ key, state }) => [key, state]).sort()).toEqual([
        ['dead-a', 'dead'],
        ['dead-b', 'dead'],
      ]);
      expect(await node().effects.redrive({ type: 'publish' })).toBe(1);
      const again = await claimOne();
      expect(again).toMatchObject({ key: 'dead-a', tries: 1 });
      expect(again.attempts).toBeGreaterThan(1);
      expect(await node().effects.redrive({ key: 'dead-b' })).toBe(1);
      expect(await node().effects.redrive({ key: 'nobody' })).toBe(0);
      expect(await node().effects.ofStream(stream)).toHaveLength(2);
    });

    test('counts by type and state', async () => {
      await enqueue(node(), ...['a', 'b', 'c', 'd'].map((key) => effect(key, { type: 'count' })));
      const [first, second] = await claim({ limit: 3 });
      if (first === undefined || second === undefined) throw new Error('nothing was claimed');
      await node().effects.retry(first, 'later', 3_600_000);
      await node().effects.bury(second, 'gave up');
      const [counts] = await node().effects.counts();
      expect(counts).toMatchObject({ type: 'count', waiting: 1, running: 1, retrying: 1, dead: 1 });
      expect(counts?.oldestWaitSeconds).toBeGreaterThanOrEqual(0);
    });
  });
}

function cancelling(node: () => LogAndQueue): void {
  const { claim, claimOne } = helpers(node);
  describe('cancelling', () => {
    test('waiting effects go, running ones are asked to stop and then are not tried again', async () => {
      const stream = await enqueue(node(), effect('running', { priority: 1 }), effect('waiting'));
      const lease = await claimOne({ limit: 1 });
      await node().effects.cancel(stream);
      expect((await node().effects.ofStream(stream)).map(({ key }) => key)).toEqual(['running']);
      expect(await node().effects.heartbeat(lease, 60_000)).toBe('cancel-requested');
      await node().effects.retry(lease, 'aborted', 0);
      expect(await node().effects.ofStream(stream)).toEqual([]);
      expect(await claim()).toEqual([]);
    });

    test('an effect whose worker died after it was asked to stop is not taken over', async () => {
      const stream = await enqueue(node(), effect('orphan'));
      const lease = await claimOne({ leaseMs: 60_000 });
      await node().effects.cancel(stream);
      await node().effects.heartbeat(lease, 1);
      await until(async () => {
        expect(await claim()).toEqual([]);
        return (await node().effects.ofStream(stream)).length === 0;
      });
    });

    test('one type only, when it is named', async () => {
      const stream = await enqueue(
        node(),
        effect('stop', { type: 'train' }),
        effect('keep', { type: 'store' }),
      );
      await node().effects.cancel(stream, 'train');
      expect(keys(await claim())).toEqual(['keep']);
    });

    test('a cancelled key is not enqueued again', async () => {
      const stream = newStream();
      await node().log.commit(commitOf(append(stream, 0, [noted('x')], { effects: [effect('gone')] })));
      await node().effects.cancel(stream);
      await enqueue(node(), effect('gone'));
      expect(await claim()).toEqual([]);
    });
  });
}

function pruning(node: () => LogAndQueue): void {
  const { claim, claimOne } = helpers(node);
  describe('pruning', () => {
    test('forgets what ended long ago, and nothing that did not', async () => {
      await enqueue(node(), effect('ended'), effect('waiting', { priority: -1 }));
      const ended = await claimOne({ limit: 1 });
      await node().effects.complete(ended);
      expect(await node().effects.prune(3_600_000)).toBe(0);
      await until(async () => (await node().effects.prune(0)) === 1);
      expect(keys(await claim())).toEqual(['waiting']);
    });
  });
}

function waiting(node: () => LogAndQueue): void {
  const { claim, claimOne } = helpers(node);
  const siteNow = new Date('2026-01-05T06:00:00Z');
  const at = (instant: string) => ({ clock: 'site', at: instant }) as const;

  describe('what is outstanding', () => {
    test('is due, rests, or waits for the site clock', async () => {
      await enqueue(
        node(),
        effect('due', { type: 'train' }),
        effect('passed', { type: 'expire', due: at('2026-01-05T05:59:00Z') }),
        effect('later', { due: at('2026-01-05T09:00:00Z') }),
        effect('sooner', { due: at('2026-01-05T07:00:00Z') }),
        effect('reminder', { type: 'remind', due: { clock: 'machine', afterMs: 3_600_000 } }),
      );
      expect(await node().effects.outstanding(siteNow)).toEqual({
        due: ['expire', 'train'],
        resting: ['remind'],
        nextAt: new Date('2026-01-05T07:00:00Z'),
      });
    });

    test('is due while it runs and while it is tried again, and nothing once it is done or dead', async () => {
      await enqueue(node(), effect('one', { type: 'train' }));
      const due = async () => (await node().effects.outstanding(siteNow)).due;
      const first = await claimOne();
      expect(await due()).toEqual(['train']);
      await node().effects.retry(first, 'no', 0);
      const second = await until(async () => (await claim()).at(0));
      await node().effects.retry(second, 'no', 3_600_000);
      expect(await due()).toEqual(['train']);
      await enqueue(node(), effect('two', { type: 'store' }), effect('three', { type: 'publish' }));
      const [two, three] = await until(async () => {
        const leases = await claim();
        return leases.length === 2 && leases;
      });
      if (two === undefined || three === undefined) throw new Error('nothing was claimed');
      await node().effects.complete(two);
      await node().effects.bury(three, 'never');
      expect(await node().effects.outstanding(siteNow)).toEqual({
        due: ['train'],
        resting: [],
        nextAt: null,
      });
    });

    test('is hastened where it rests, and nowhere else', async () => {
      await enqueue(
        node(),
        effect('reminder', { type: 'remind', due: { clock: 'machine', afterMs: 3_600_000 } }),
        effect('later', { due: at('2026-01-05T09:00:00Z') }),
        effect('failing', { priority: 1 }),
      );
      await node().effects.retry(await claimOne({ limit: 1 }), 'no', 3_600_000);
      await node().effects.hasten();
      expect(keys(await claim())).toEqual(['reminder']);
    });
  });
}

/** Failures and cancellations. */
export function endingBadly(node: () => LogAndQueue): void {
  failures(node);
  cancelling(node);
  pruning(node);
  waiting(node);
}
