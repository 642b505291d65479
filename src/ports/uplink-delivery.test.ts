import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { UplinkMessage } from './device-link.ts';
import { createUplinkDelivery, type Receipt } from './uplink-delivery.ts';

const logger = pino({ level: 'silent' });

function message(systemId: string, said: string): UplinkMessage {
  return { kind: 'ack', systemId, payload: Buffer.from(said) };
}

function recorder() {
  const outcomes: string[] = [];
  const receipt = (said: string): Receipt => ({
    acknowledge: () => outcomes.push(`${said} acknowledged`),
    working: () => undefined,
    giveUp: () => outcomes.push(`${said} given up`),
  });
  return { outcomes, receipt };
}

function delivery(handler: (message: UplinkMessage) => Promise<void>) {
  const made = createUplinkDelivery({ handler, logger, firstRetryMs: 1 });
  onTestFinished(() => made.close());
  return made;
}

describe('uplink delivery', () => {
  it('kills no message in an outage, however long, and delivers all of them after it', async () => {
    let attempts = 0;
    let out = true;
    const sut = delivery(async () => {
      attempts += 1;
      if (out) throw new Error('the database is down');
    });
    const { outcomes, receipt } = recorder();
    for (const site of ['a', 'b', 'c']) sut.accept(message(site, site), receipt(site));
    await expect.poll(() => attempts, { timeout: 10_000 }).toBeGreaterThan(25);
    expect(outcomes).toEqual([]);
    out = false;
    await expect.poll(() => outcomes.length, { timeout: 10_000 }).toBe(3);
    expect(sut.counts()).toMatchObject({ delivered: 3, dead: 0 });
  });

  it('says of a failure what its handler knew of the message', async () => {
    const lines: string[] = [];
    let failures = 2;
    const sut = createUplinkDelivery({
      logger: pino({ base: null }, { write: (line) => void lines.push(line) }),
      firstRetryMs: 1,
      handler: async (_message, tell) => {
        tell?.({ stream: 'deployment-1', correlation: 'm-1' });
        failures -= 1;
        if (failures >= 0) throw new Error('the database is down');
      },
    });
    onTestFinished(() => sut.close());
    const { outcomes, receipt } = recorder();
    sut.accept(message('a', 'first'), receipt('first'));
    await expect.poll(() => outcomes).toEqual(['first acknowledged']);
    const about = { systemId: 'a', kind: 'ack', stream: 'deployment-1', correlation: 'm-1' };
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([about, about]);
  });

  it('gives up what fails while others get through, and lets its own site go on meanwhile', async () => {
    const sut = delivery(async ({ payload }) => {
      if (Buffer.from(payload).toString() === 'poison') throw new Error('never');
    });
    const { outcomes, receipt } = recorder();
    sut.accept(message('a', 'poison'), receipt('poison'));
    sut.accept(message('a', 'next'), receipt('next'));
    await expect.poll(() => outcomes).toContain('next acknowledged');
    await expect
      .poll(() => {
        sut.accept(message('b', 'other'), receipt('other'));
        return sut.counts().dead;
      })
      .toBe(1);
    expect(outcomes).toContain('poison given up');
    expect(outcomes).not.toContain('poison acknowledged');
  });

  it('handles a slow site without holding the others, and keeps order within it', async () => {
    let release: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    const sut = delivery(async ({ payload }) => {
      if (Buffer.from(payload).toString() === 'slow') await slow;
    });
    const { outcomes, receipt } = recorder();
    sut.accept(message('a', 'slow'), receipt('slow'));
    sut.accept(message('a', 'behind'), receipt('behind'));
    sut.accept(message('b', 'beside'), receipt('beside'));
    await expect.poll(() => outcomes).toEqual(['beside acknowledged']);
    release();
    await expect
      .poll(() => outcomes)
      .toEqual(['beside acknowledged', 'slow acknowledged', 'behind acknowledged']);
  });

  it('leaves to the transport what has no outcome when it closes', async () => {
    const sut = delivery(async () => {
      throw new Error('not now');
    });
    const { outcomes, receipt } = recorder();
    sut.accept(message('a', 'x'), receipt('x'));
    sut.accept(message('a', 'y'), receipt('y'));
    await expect.poll(() => sut.counts().retried).toBeGreaterThan(0);
    await sut.close();
    sut.accept(message('a', 'z'), receipt('z'));
    await sut.close();
    expect(outcomes).toEqual([]);
  });
});
