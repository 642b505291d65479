import { randomUUID } from 'node:crypto';
import { type FactRules, InvalidFact } from '../../src/events/catalogue.ts';
import type { Due, Lane } from '../../src/events/effect.ts';
import type { Metadata, NewFact } from '../../src/events/envelope.ts';
import type { EffectQueue, LeasedEffect } from '../../src/ports/effect-queue.ts';
import type { Commit, EventLog, KeyedEffect, StreamAppend } from '../../src/ports/event-log.ts';

/** A log and the queue that its commits fill, as one node sees them. */
export interface LogAndQueue {
  readonly log: EventLog;
  readonly effects: EffectQueue;
}

/** Opens both, empty, with the rules below. */
export type OpenLogAndQueue = () => Promise<LogAndQueue>;

/** `Noted` is in its second version: version 1 had no `language`. `Counted` never changed. */
export const testRules: FactRules = {
  assertFact: (streamId, { type, data }) => {
    const known = type === 'Noted' || type === 'Counted';
    if (!known || data === null || typeof data !== 'object')
      throw new InvalidFact(streamId, type, ['unknown']);
  },
  upcast: (_streamId, type, writtenUnder, data) =>
    type === 'Noted' && writtenUnder === 1 ? { ...(data as object), language: 'pt' } : data,
};

const metadata = (schema: number): Metadata => ({
  actor: 'tester',
  tenant: 'tenant-a',
  systemId: 'site-1',
  correlationId: 'correlation-1',
  machine: 'test@1',
  schema,
  at: '2026-01-05T06:00:00Z',
});

export const noted = (text: string, eventId: string = randomUUID(), schema = 2): NewFact => ({
  eventId,
  fact: { type: 'Noted', data: schema === 1 ? { text } : { text, language: 'en' } },
  metadata: metadata(schema),
});

export const effect = (key: string, options: Partial<EffectOptions> = {}): KeyedEffect => ({
  key,
  tenant: options.tenant ?? 'tenant-a',
  priority: options.priority ?? 0,
  effect: {
    type: options.type ?? 'work',
    data: { key },
    lane: options.lane ?? 'quick',
    ...(options.due === undefined ? {} : { due: options.due }),
  },
});

interface EffectOptions {
  readonly priority: number;
  readonly tenant: string;
  readonly type: string;
  readonly lane: Lane;
  readonly due: Due;
}

export const append = (
  streamId: string,
  expectedVersion: number,
  facts: readonly NewFact[],
  more: Partial<Pick<StreamAppend, 'effects' | 'registry'>> = {},
): StreamAppend => ({ streamId, expectedVersion, facts, effects: [], registry: [], ...more });

export const commitOf = (...appends: readonly StreamAppend[]): Commit => ({ appends });

/** A stream id that no other test uses. */
export const newStream = (): string => `device-${randomUUID()}`;

/** Enqueues effects on a stream of their own; returns its id. */
export async function enqueue({ log }: LogAndQueue, ...effects: readonly KeyedEffect[]): Promise<string> {
  const stream = newStream();
  await log.commit(commitOf(append(stream, 0, [noted('work')], { effects })));
  return stream;
}

const SITE_NOW = new Date('2026-01-05T06:00:00Z');

export const claimRequest = (
  over: Partial<{ worker: string; lane: Lane; limit: number; leaseMs: number; siteNow: Date }> = {},
) => ({ worker: 'worker-1', lane: 'quick' as const, limit: 10, leaseMs: 60_000, siteNow: SITE_NOW, ...over });

/** Asks again and again until there is an answer. */
export async function until<T>(ask: () => Promise<T | null | undefined | false>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
/** The queue under test, with short words for what most tests do. */
export function helpers(node: () => LogAndQueue) {
  const claim = (over: Parameters<typeof claimRequest>[0] = {}) => node().effects.claim(claimRequest(over));
  return {
    claim,
    claimOne: async (over: Parameters<typeof claimRequest>[0] = {}): Promise<LeasedEffect> => {
      const [lease] = await claim(over);
      if (lease === undefined) throw new Error('nothing was claimed');
      return lease;
    },
  };
}

export const keys = (leases: readonly LeasedEffect[]): readonly string[] => leases.map(({ key }) => key);
