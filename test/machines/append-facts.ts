import { randomUUID } from 'node:crypto';
import type { Lifecycle } from '../../src/machines/lifecycle.ts';
import type { EventLog } from '../../src/ports/event-log.ts';
import { recordedFacts } from './recorded-facts.ts';

/** Facts that no machine was asked about, as another program might have written them. */
export async function appendFacts(
  log: EventLog,
  machine: Pick<Lifecycle, 'name' | 'version'>,
  streamId: string,
  facts: readonly (readonly [type: string, data: unknown])[],
): Promise<void> {
  const { length } = await log.readStream(streamId);
  const recorded = recordedFacts(machine, streamId, facts);
  await log.commit({
    appends: [
      {
        ...{ streamId, expectedVersion: length, effects: [], registry: [] },
        facts: recorded.map(({ fact, metadata }) => ({ eventId: randomUUID(), fact, metadata })),
      },
    ],
  });
}
