import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { LeaseLost } from '../../src/ports/event-log.ts';
import { endingBadly } from './effect-queue-endings.ts';
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
  type OpenLogAndQueue,
  until,
} from './fixtures.ts';

function claiming(node: () => LogAndQueue): void {
  const { claim, claimOne } = helpers(node);
  describe('claiming', () => {
    test('gives what was enqueued, once', async () => {
      const stream = await enqueue(node(), effect('one', { type: 'train' }));
      const lease = await claimOne();
      expect(lease).toMatchObject({
        key: 'one',
        attempts: 1,
        tries: 1,
        streamId: stream,
        tenant: 'tenant-a',
        effect: { type: 'train', data: { key: 'one' }, lane: 'quick' },
      });
      expect(lease.leaseUntil.getTime()).toBeGreaterThan(0);
      expect(await claim()).toEqual([]);
    });

    test('never more than asked for, and each effect to one of many claimers', async () => {
      await enqueue(node(), ...Array.from({ length: 200 }, (_, i) => effect(`many-${i}`)));
      const rounds = Array.from({ length: 12 }, (_, i) => claim({ limit: 20, worker: `w${i}` }));
      const batches = await Promise.all(rounds);
      for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(20);
      const rest = await until(async () => {
        const more = await claim({ limit: 20 });
        batches.push(more);
        return more.length === 0 ? batches.flatMap(keys) : null;
      });
      expect(new Set(rest).size).toBe(200);
      expect(rest).toHaveLength(200);
      expect(await claim({ limit: 0 })).toEqual([]);
    });

    test('lanes are apart, and higher priority goes first', async () => {
      await enqueue(
        node(),
        effect('low'),
        effect('training', { lane: 'slow' }),
        effect('high', { priority: 5 }),
        effect('middle', { priority: 2 }),
      );
      expect(keys(await claim({ limit: 1 }))).toEqual(['high']);
      expect(keys(await claim({ limit: 1 }))).toEqual(['middle']);
      expect(keys(await claim({ lane: 'slow' }))).toEqual(['training']);
      expect(keys(await claim())).toEqual(['low']);
    });

    test('places of the slow lane are shared out among tenants', async () => {
      const slow = (key: string, tenant: string, priority = 0) =>
        effect(key, { lane: 'slow', tenant, priority });
      await enqueue(node(), ...[1, 2, 3, 4].map((i) => slow(`fleet-${i}`, 'large')));
      await enqueue(node(), slow('one', 'small'), slow('two', 'small'), slow('urgent', 'large', 9));
      const next = async (limit: number) => claim({ lane: 'slow', limit });
      const tenantsOf = async (limit: number) => (await next(limit)).map(({ tenant }) => tenant).sort();
      expect(keys(await next(1))).toEqual(['urgent']);
      expect(await tenantsOf(3)).toEqual(['large', 'small', 'small']);
      expect(await tenantsOf(10)).toEqual(['large', 'large', 'large']);
    });

    test('a key that is enqueued or done is not enqueued again', async () => {
      await enqueue(node(), effect('same'));
      await enqueue(node(), effect('same'));
      await node().effects.complete(await claimOne());
      await enqueue(node(), effect('same'));
      expect(await claim()).toEqual([]);
    });

    test('work of which no fact tells is enqueued and announced, once', async () => {
      let wakes = 0;
      const off = node().effects.onEffects(() => {
        wakes += 1;
      });
      const stream = newStream();
      await node().effects.enqueue(stream, [effect('part-a'), effect('part-b', { lane: 'slow' })]);
      await until(async () => wakes > 0);
      off();
      await node().effects.enqueue(stream, [effect('part-a')]);
      expect(await claimOne()).toMatchObject({ key: 'part-a', streamId: stream, attempts: 1 });
      expect(await claim()).toEqual([]);
    });

    test('one effect by its key, to one claimer, while it is due', async () => {
      const far = { clock: 'machine', afterMs: 3_600_000 } as const;
      await enqueue(node(), effect('this', { lane: 'slow' }), effect('other'), effect('later', { due: far }));
      const { effects } = node();
      const claims = ['w1', 'w2', 'w3'].map((worker) => effects.claimOne('this', worker, 60_000));
      const claimed = (await Promise.all(claims)).filter((lease) => lease !== null);
      expect(claimed).toMatchObject([{ key: 'this', attempts: 1, effect: { lane: 'slow' } }]);
      for (const key of ['later', 'nobody']) expect(await effects.claimOne(key, 'w1', 60_000)).toBeNull();
      for (const lease of claimed) await effects.release(lease, 0);
      const again = await until(async () => (await claim({ lane: 'slow' })).at(0));
      expect(again).toMatchObject({ key: 'this', attempts: 2, tries: 1 });
      await effects.complete(again);
      expect(await effects.claimOne('this', 'w1', 60_000)).toBeNull();
      expect(keys(await claim())).toEqual(['other']);
    });

    test('a new effect is announced', async () => {
      let wakes = 0;
      const off = node().effects.onEffects(() => {
        wakes += 1;
      });
      await enqueue(node(), effect('announced'));
      await until(async () => wakes > 0);
      off();
    });
  });
}

function naming(node: () => LogAndQueue): void {
  const { claim } = helpers(node);
  test('an effect names where the fact that asked for it, or for the whole of it, comes from', async () => {
    const stream = newStream();
    const plain = noted('first');
    const { correlationId } = plain.metadata;
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const traced = { ...noted('second'), metadata: { ...plain.metadata, trace } };
    const effects = ['@1#0', '@2#0', '@2#1/part', '@9#0', '@x'].map((end) => effect(`${stream}${end}`));
    await node().log.commit(commitOf(append(stream, 0, [plain, traced], { effects })));
    const part = await node().effects.claimOne(`${stream}@2#1/part`, 'w1', 60_000);
    expect(part?.cause).toEqual({ correlationId, trace });
    const causes = (await claim()).map(({ key, cause }) => [key.slice(stream.length), cause] as const);
    expect(Object.fromEntries(causes)).toEqual({
      ...{ '@1#0': { correlationId }, '@2#0': { correlationId, trace } },
      ...{ '@9#0': null, '@x': null },
    });
  });
}

function waiting(node: () => LogAndQueue): void {
  const { claim } = helpers(node);
  test('an effect that is due at once tells how long it waited, at its first claim', async () => {
    const past = { clock: 'site', at: '2020-05-01T12:00:00Z' } as const;
    await enqueue(node(), effect('now'), effect('deadline', { due: past }));
    const claimed = await claim();
    const waits = new Map(claimed.map(({ key, waitedSeconds }) => [key, waitedSeconds]));
    expect(waits.get('deadline')).toBeNull();
    expect(waits.get('now')).toBeGreaterThanOrEqual(0);
    for (const lease of claimed) await node().effects.release(lease);
    const again = await until(async () => (await claim()).find(({ key }) => key === 'now'));
    expect(again.waitedSeconds).toBeNull();
  });
}

function twoClocks(node: () => LogAndQueue): void {
  const { claim, claimOne } = helpers(node);
  describe('two clocks', () => {
    test('a site-clock effect waits for the site clock, whatever the machine clock says', async () => {
      await enqueue(node(), effect('deadline', { due: { clock: 'site', at: '2031-05-01T12:00:00Z' } }));
      await enqueue(node(), effect('past', { due: { clock: 'site', at: '2020-05-01T12:00:00Z' } }));
      const siteNow = new Date('2020-05-01T11:59:59Z');
      expect(await claim({ siteNow })).toEqual([]);
      expect(keys(await claim({ siteNow: new Date('2020-05-01T12:00:00Z') }))).toEqual(['past']);
      const lease = await claimOne({ siteNow: new Date('2031-05-01T12:00:00Z') });
      expect(lease.effect.due).toEqual({ clock: 'site', at: '2031-05-01T12:00:00Z' });
    });

    test('after its first failure it is tried again by the machine clock', async () => {
      await enqueue(node(), effect('deadline', { due: { clock: 'site', at: '2031-05-01T12:00:00Z' } }));
      const lease = await claimOne({ siteNow: new Date('2031-06-01T00:00:00Z') });
      await node().effects.retry(lease, 'broker away', 0);
      const again = await until(async () =>
        (await claim({ siteNow: new Date('2000-01-01T00:00:00Z') })).at(0),
      );
      expect(again).toMatchObject({ key: 'deadline', tries: 2 });
    });

    test('a machine-clock effect waits its time', async () => {
      const soon = { clock: 'machine', afterMs: 30 } as const;
      const later = { clock: 'machine', afterMs: 3_600_000 } as const;
      await enqueue(node(), effect('soon', { due: soon }), effect('later', { due: later }));
      const first = await until(async () => (await claim()).at(0));
      expect(first.key).toBe('soon');
      expect(await claim({ siteNow: new Date('2099-01-01T00:00:00Z') })).toEqual([]);
    });
  });
}

function leases(node: () => LogAndQueue): void {
  const { claim, claimOne } = helpers(node);
  describe('leases', () => {
    test('a lapsed lease is taken over, and the former holder is fenced out', async () => {
      await enqueue(node(), effect('taken'));
      const first = await claimOne({ leaseMs: 1 });
      const second = await until(async () => (await claim({ worker: 'worker-2' })).at(0));
      expect(second).toMatchObject({ key: 'taken', attempts: 2, tries: 2 });
      expect(await node().effects.heartbeat(first, 60_000)).toBe('lost');
      await expect(node().effects.complete(first)).rejects.toEqual(new LeaseLost('taken'));
      await expect(node().effects.retry(first, 'late', 0)).rejects.toBeInstanceOf(LeaseLost);
      await expect(node().effects.bury(first, 'late')).rejects.toBeInstanceOf(LeaseLost);
      await node().effects.release(first);
      await node().effects.complete(second);
      await expect(node().effects.complete(second)).rejects.toBeInstanceOf(LeaseLost);
    });

    test('a heartbeat keeps a lease and stores progress', async () => {
      const stream = await enqueue(node(), effect('beating'));
      const lease = await claimOne({ leaseMs: 1 });
      expect(await node().effects.heartbeat(lease, 60_000, { share: 0.5 })).toBe('held');
      expect(await claim()).toEqual([]);
      expect(await node().effects.heartbeat(lease, 60_000)).toBe('held');
      const [shown] = await node().effects.ofStream(stream);
      expect(shown).toMatchObject({
        key: 'beating',
        state: 'running',
        attempts: 1,
        progress: { share: 0.5 },
      });
    });

    test('a released effect comes again without counting a try, and an old lease on it stays worthless', async () => {
      await enqueue(node(), effect('released'));
      const first = await claimOne();
      await node().effects.release(first);
      const second = await until(async () => (await claim()).at(0));
      expect(second).toMatchObject({ key: 'released', tries: 1 });
      await expect(node().effects.complete(first)).rejects.toBeInstanceOf(LeaseLost);
      await node().effects.release(second, 3_600_000);
      expect(await claim()).toEqual([]);
    });

    test('an unknown key is a lost lease', async () => {
      const stranger = { key: `nobody-${randomUUID()}`, attempts: 1 };
      expect(await node().effects.heartbeat(stranger, 1_000)).toBe('lost');
      await expect(node().effects.complete(stranger)).rejects.toBeInstanceOf(LeaseLost);
    });
  });
}

/** What every effect queue must do; `open` gives an empty one for each test. */
export function effectQueueContract(open: OpenLogAndQueue): void {
  let node: LogAndQueue;
  beforeEach(async () => {
    node = await open();
  });
  claiming(() => node);
  naming(() => node);
  waiting(() => node);
  twoClocks(() => node);
  leases(() => node);
  endingBadly(() => node);
}
