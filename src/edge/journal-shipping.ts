import type { Logger } from 'pino';
import { type JournalCopied, MAX_JOURNAL_FACTS, parseCopied } from '../ota/journal.ts';
import { buildUplink } from '../ota/messages.ts';
import type { Clock } from '../ports/clocks.ts';
import type { DeviceStore, JournalFact } from '../ports/device-store.ts';
import type { Logbook } from './logbook.ts';
import { messageOf } from './refusals.ts';

/** How much of the journal the cloud has, for people. */
export interface ShippingStatus {
  /** Facts in the journal. */
  readonly facts: number;
  /** Of these, the first so many are copied. */
  readonly copied: number;
  /** Why the cloud does not take the next ones. */
  readonly refused: JournalCopied['refused'] | null;
}

/** Sends the journal to the cloud, some facts at a time, from wherever the copy there stands. */
export interface JournalShipping {
  /** The facts that are due to be sent now, as a message; null when none are. */
  due(): Uint8Array | null;
  /** The broker took them: they are not sent again until the cloud has had time to answer. */
  sent(): void;
  /** What the cloud says of its copy; what cannot be believed changes nothing. True when more is due. */
  take(payload: Uint8Array | null): boolean;
  /** There is a connection anew: what was said on the last one may be lost. */
  restart(): void;
  status(): ShippingStatus;
}

export interface JournalShippingOptions {
  readonly deviceId: string;
  readonly store: DeviceStore;
  /** Never steps. */
  readonly clock: Clock;
  readonly newId: () => string;
  readonly random: () => number;
  readonly logger: Logger;
  readonly logbook: Logbook;
  /** Facts wait so long for others to travel with; and a fleet that was updated at once does not report at once. */
  readonly gatherMs: number;
}

const SETTING = 'journal-copied';
/** The cloud answers within seconds; while it is away, what it was sent waits at the broker. */
const FIRST_PATIENCE_MS = 5 * 60_000;
const LONGEST_PATIENCE_MS = 6 * 3_600_000;
/** A refusal is lifted by a new day or a newer cloud. */
const REFUSED_PAUSE_MS = 3_600_000;

/** What a device's store remembers of it. */
export const readShipped = (store: DeviceStore): ShippingStatus => ({
  facts: store.journalVersion(),
  copied: Number(store.setting(SETTING) ?? 0),
  refused: null,
});

const travelling = ({ version, eventId, fact, machine, schema, at }: JournalFact) => ({
  ...{ version, eventId, type: fact.type, data: fact.data, machine, schema, at },
});

export function createJournalShipping(options: JournalShippingOptions): JournalShipping {
  const { deviceId, store, clock, newId, random, logger, gatherMs } = options;
  const { installationId } = store;
  const now = () => clock.now().getTime();
  let { copied } = readShipped(store);
  let refused: JournalCopied['refused'] | null = null;
  let unanswered = 0;
  let known = copied;
  let notBefore = now();

  /** New facts are given time to gather. */
  function gather(version: number): void {
    if (version > known && known === copied)
      notBefore = Math.max(notBefore, now() + gatherMs * (0.5 + random() / 2));
    known = version;
  }

  function follow({ version, refused: told }: JournalCopied): void {
    unanswered = 0;
    refused = told ?? null;
    notBefore = refused === null ? now() : now() + REFUSED_PAUSE_MS;
    if (refused !== null)
      logger.warn({ version, ...refused }, 'the cloud does not take the rest of the journal');
    if (version === copied) return;
    copied = version;
    store.saveSetting(SETTING, String(version));
  }

  function believe(said: JournalCopied): boolean {
    if (said.deviceId !== deviceId || said.installationId !== installationId) return false;
    const head = store.journalVersion();
    if (said.version > head) {
      const about = { copied: said.version, journal: head };
      const reason = `the cloud has ${said.version} facts, this device ${head}: its memory is an older copy; move device.sqlite away to begin a new installation`;
      refused = { refusal: 'journal-conflict', reason };
      logger.error(about, reason);
      return false;
    }
    follow(said);
    return copied < head && refused === null;
  }

  return {
    due() {
      const head = store.journalVersion();
      if (head <= copied) return null;
      gather(head);
      if (now() < notBefore) return null;
      const facts = store.journal(copied, MAX_JOURNAL_FACTS).map(travelling);
      return buildUplink('journal', { messageId: newId(), deviceId, installationId, facts });
    },
    sent() {
      const patience = Math.min(LONGEST_PATIENCE_MS, FIRST_PATIENCE_MS * 2 ** Math.min(unanswered, 10));
      unanswered += 1;
      notBefore = now() + patience * (0.5 + random() / 2);
    },
    take(payload) {
      if (payload === null) return false;
      try {
        return believe(parseCopied(payload));
      } catch (error) {
        options.logbook.refuse('copied', messageOf(error));
        logger.warn({ reason: messageOf(error) }, 'what was said about the copied journal is refused');
        return false;
      }
    },
    restart() {
      if (unanswered > 0) notBefore = Math.min(notBefore, now() + gatherMs);
    },
    status: () => ({ facts: store.journalVersion(), copied, refused }),
  };
}
