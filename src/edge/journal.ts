import { assertFact, schemaVersion, upcast } from '../events/catalogue.ts';
import type { DeviceJournalFact } from '../events/device-journal.ts';
import { effectKey } from '../events/effect.ts';
import { journalStreamId } from '../events/stream-id.ts';
import { deviceUpdate } from '../machines/device-update.ts';
import type { DeviceUpdateCommand, DeviceUpdateStage } from '../machines/device-update-model.ts';
import type { Clock } from '../ports/clocks.ts';
import type { DeviceStore, JournalFact, OutboxMessage, PendingEffect } from '../ports/device-store.ts';

/** What goes into the journal together with the facts of a command. */
interface Together {
  /** Key of the effect that the command answers. */
  readonly completes?: string | undefined;
  readonly messages?: readonly OutboxMessage[] | undefined;
}

/** The device's history, and where it stands. Facts and their effects are on the disk before anything runs. */
export interface DeviceJournal {
  stage(): DeviceUpdateStage;
  /** Facts that the command made; none when it came too late. Throws `IllegalCommand`, or what the store throws. */
  apply(command: DeviceUpdateCommand, together?: Together): readonly DeviceJournalFact[];
  /** Ends an effect that answered with no command. */
  complete(together: Together): void;
  /** Calls back after every change of the stage. */
  onChange(listener: (stage: DeviceUpdateStage) => void): () => void;
}

export interface DeviceJournalOptions {
  readonly store: DeviceStore;
  readonly deviceId: string;
  /** Site clock. */
  readonly clock: Clock;
  readonly newId: () => string;
}

const MACHINE = `${deviceUpdate.name}@${deviceUpdate.version}`;

type NewEffect = Omit<PendingEffect, 'attempts'>;

export function createDeviceJournal(options: DeviceJournalOptions): DeviceJournal {
  const { store, clock, newId } = options;
  const stream = journalStreamId(options.deviceId, store.installationId);
  const listeners = new Set<(stage: DeviceUpdateStage) => void>();

  const history = store.journal();
  let version = history.length;
  let stage = deviceUpdate.replay(
    history.map(({ fact, schema }) => {
      const data = upcast(stream, fact.type, schema, fact.data);
      return { type: fact.type, data } as DeviceJournalFact;
    }),
  );

  function follow(facts: readonly DeviceJournalFact[], at: Date) {
    const recorded: JournalFact[] = [];
    const effects: NewEffect[] = [];
    let next = stage;
    for (const fact of facts) {
      assertFact(stream, fact);
      const [stepped, requested] = deviceUpdate.step(next, fact);
      const number = version + recorded.length + 1;
      const common = { eventId: newId(), at: at.toISOString() };
      const schema = schemaVersion(stream, fact.type);
      recorded.push({ ...common, version: number, fact, machine: MACHINE, schema });
      for (const [index, effect] of requested.entries())
        effects.push({ ...common, key: effectKey(stream, number, index), effect });
      next = stepped;
    }
    return { recorded, effects, next };
  }

  return {
    stage: () => stage,
    apply(command, together = {}) {
      const at = clock.now();
      const facts = deviceUpdate.decide(stage, command, at);
      const { recorded, effects, next } = follow(facts, at);
      if (recorded.length > 0 || together.completes !== undefined)
        store.commit({ expectedVersion: version, facts: recorded, effects, ...together });
      version += recorded.length;
      stage = next;
      if (recorded.length > 0) for (const listener of [...listeners]) listener(stage);
      return facts;
    },
    complete(together) {
      store.commit({ expectedVersion: version, facts: [], effects: [], ...together });
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
