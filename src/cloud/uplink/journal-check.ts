import type { Loaded } from '../../actors/stream-actor.ts';
import { assertFact, InvalidFact, schemaVersion, upcast } from '../../events/catalogue.ts';
import type { DeviceJournalFact } from '../../events/device-journal.ts';
import type { NewFact } from '../../events/envelope.ts';
import { deviceUpdate } from '../../machines/device-update.ts';
import type {
  DeviceUpdateContext,
  DeviceUpdateStage,
  DeviceUpdateState,
} from '../../machines/device-update-model.ts';
import { IllegalFact } from '../../machines/lifecycle.ts';
import type { TravellingFact } from '../../ota/journal.ts';
import type { Verdict } from './verdict.ts';

/** Which of the facts that a device sent may stand in its journal's stream. */

export type LoadedJournal = Loaded<DeviceUpdateState, DeviceUpdateContext>;

export interface CheckedFacts {
  readonly facts: readonly NewFact[];
  /** Why not the rest, null when it is all of them. */
  readonly verdict: Verdict | null;
}

/** The deployment that a fact is about, so that its audit finds what the device did for it. */
const subjectOf = ({ context }: DeviceUpdateStage): string | null =>
  (context.attempt ?? context.failure?.model ?? context.outcome ?? context.running)?.deploymentId ?? null;

/** A fact that stands in the log under this version has another id: two journals were written as one. */
export function conflictIn(journal: LoadedJournal, sent: readonly TravellingFact[]): Verdict | null {
  const other = sent.find(({ version, eventId }) => {
    const known = journal.facts[version - 1];
    return known !== undefined && known.eventId !== eventId;
  });
  if (other === undefined) return null;
  const detail = `fact ${other.version} is not the one that was copied before: the device's memory was put back to an earlier day or copied to another device; move its device.sqlite away to begin a new installation`;
  return { refusal: 'journal-conflict', detail };
}

export const gapBefore = (journal: LoadedJournal, [first]: readonly TravellingFact[]): Verdict | null =>
  first === undefined || first.version <= journal.version + 1
    ? null
    : { refusal: 'journal-gap', detail: `facts ${journal.version + 1} to ${first.version - 1} are missing` };

/** Throws `InvalidFact` or `IllegalFact`. */
function legalFact(stream: string, stage: DeviceUpdateStage, sent: TravellingFact) {
  const known = schemaVersion(stream, sent.type);
  if (sent.schema > known)
    throw new InvalidFact(stream, sent.type, [
      `schema ${sent.schema} is newer than ${known}, the latest here`,
    ]);
  const data = upcast(stream, sent.type, sent.schema, sent.data);
  const fact = { type: sent.type, data } as DeviceJournalFact;
  assertFact(stream, fact);
  const [next] = deviceUpdate.step(stage, fact);
  return { fact, next, schema: known };
}

/** The facts that may stand in the stream, up to the first that may not: a newer cloud may know that one. */
export function checkFacts(
  journal: LoadedJournal,
  sent: readonly TravellingFact[],
  origin: { readonly actor: string; readonly tenant: string; readonly systemId: string },
): CheckedFacts {
  const facts: NewFact[] = [];
  let { stage } = journal;
  for (const travelling of sent) {
    try {
      const { fact, next, schema } = legalFact(journal.streamId, stage, travelling);
      const { eventId, machine, at } = travelling;
      const correlationId = subjectOf(next) ?? subjectOf(stage) ?? journal.streamId;
      facts.push({ eventId, fact, metadata: { ...origin, correlationId, machine, schema, at } });
      stage = next;
    } catch (error) {
      if (!(error instanceof InvalidFact || error instanceof IllegalFact)) throw error;
      return { facts, verdict: { refusal: 'journal-unfit', detail: error.message.slice(0, 400) } };
    }
  }
  return { facts, verdict: null };
}
