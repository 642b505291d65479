import type { RecordedFact } from '../../src/events/envelope.ts';
import type { Lifecycle } from '../../src/machines/lifecycle.ts';

/** Facts as the log gives them back, an hour apart. */
export const recordedFacts = (
  machine: Pick<Lifecycle, 'name' | 'version'>,
  streamId: string,
  facts: readonly (readonly [type: string, data: unknown])[],
): readonly RecordedFact[] =>
  facts.map(([type, data], i) => ({
    streamId,
    version: i + 1,
    eventId: `${streamId}-${i + 1}`,
    fact: { type, data },
    metadata: {
      actor: 'person-1',
      tenant: 'acme',
      systemId: 'bess-456',
      correlationId: 'story',
      machine: `${machine.name}@${machine.version}`,
      schema: 1,
      at: new Date(Date.UTC(2026, 0, 5, 6 + i)).toISOString(),
    },
    recordedAt: '2026-01-05T06:00:00.000Z',
  }));
