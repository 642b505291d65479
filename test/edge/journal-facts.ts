import { randomUUID } from 'node:crypto';
import type { DeviceJournalFact } from '../../src/events/device-journal.ts';
import type { TravellingFact } from '../../src/ota/journal.ts';

/** A believable journal: one update after the other, each of six facts. */

function updateFacts(assignment: number): readonly DeviceJournalFact[] {
  const target = {
    ...{ deploymentId: `dep-${assignment}`, assignment, version: `1.${assignment}.0` },
    modelType: 'ensemble' as const,
    url: `https://cloud.example/models/bess-456/v1.${assignment}.0.onnx`,
    artifact: { checksum: `sha256:${String(assignment % 10).repeat(64)}`, size: 1_000_000 },
    expires: '2026-01-06T06:00:00Z',
  };
  return [
    { type: 'UpdateAssigned', data: { target } },
    { type: 'ModelDownloaded', data: { bytes: 1_000_000 } },
    { type: 'ModelVerified', data: { layoutVersion: 1 } },
    {
      type: 'ModelSwapped',
      data: { previousVersion: assignment === 1 ? null : `1.${assignment - 1}.0` },
    },
    { type: 'ModelProven', data: { inferenceMs: 1.5, watchUntil: '2026-01-06T06:00:00Z' } },
    { type: 'WatchPassed', data: { assignment } },
  ];
}

/** The journal of so many updates, as it travels. */
export const journalOf = (updates: number): readonly TravellingFact[] =>
  Array.from({ length: updates }, (_, i) => updateFacts(i + 1))
    .flat()
    .map(({ type, data }, i) => ({
      ...{ version: i + 1, eventId: randomUUID(), type, data },
      ...{ machine: 'device-update@1', schema: 1, at: '2026-01-05T06:00:00.000Z' },
    }));
