import { randomUUID } from 'node:crypto';
import type { NewFact } from '../../src/events/envelope.ts';
import type { KeyedEffect, StreamAppend } from '../../src/ports/event-log.ts';

/** A fact of ordinary size, about 600 bytes with its metadata. */
export function ordinaryFact(): NewFact {
  const at = '2026-01-05T06:00:00Z';
  return {
    eventId: randomUUID(),
    fact: {
      type: 'JobFailed',
      data: {
        code: 'unusable-data',
        reason: `47 of 2160 hours are missing between ${at} and 2026-01-07T05:00:00Z: send them, or shorten the window (${randomUUID()})`,
      },
    },
    metadata: {
      actor: 'device:bess-456-device',
      tenant: 'tenant-a',
      systemId: 'bess-456',
      correlationId: randomUUID(),
      causationId: randomUUID(),
      machine: 'training-job@1',
      schema: 1,
      at,
    },
  };
}

export const newStream = (): string => `training-job-${randomUUID()}`;

export const appendOf = (
  streamId: string,
  expectedVersion: number,
  effects: readonly KeyedEffect[] = [],
): StreamAppend => ({ streamId, expectedVersion, facts: [ordinaryFact()], effects, registry: [] });

export const effectOf = (key: string): KeyedEffect => ({
  key,
  tenant: 'tenant-a',
  priority: 0,
  effect: { type: 'publish-desired', lane: 'quick', data: { systemId: 'bess-456', deploymentId: key } },
});
