import type { Logger } from 'pino';
import type { RegistryOperation } from '../../events/registry.ts';
import { journalStreamId } from '../../events/stream-id.ts';
import { deviceUpdate } from '../../machines/device-update.ts';
import { buildCopied, type JournalMessage, type TravellingFact } from '../../ota/journal.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { againAfterRaces } from '../races.ts';
import { loadSite } from '../streams.ts';
import { type CheckedFacts, checkFacts, conflictIn, gapBefore, type LoadedJournal } from './journal-check.ts';
import { BEGINNING_COSTS, FACTS_A_DAY, type QuotaUse, quotaToday } from './journal-quota.ts';
import type { Verdict } from './verdict.ts';

type Dependencies = Pick<CloudDependencies, 'log' | 'actors' | 'clocks'> & {
  readonly link: Pick<CloudDependencies['link'], 'publishCopied'>;
};

/** What became of a message: how far the journal is copied now, and why not further. */
interface Outcome {
  readonly version: number;
  readonly added: number;
  readonly verdict: Verdict | null;
}

interface Whose {
  readonly systemId: string;
  readonly deviceId: string;
  readonly installationId: string;
  readonly tenant: string;
}

/** As many as today's quota leaves room for. */
function withinQuota(journal: LoadedJournal, { facts, verdict }: CheckedFacts, use: QuotaUse) {
  const beginning = journal.version === 0 ? BEGINNING_COSTS : 0;
  const room = Math.max(0, FACTS_A_DAY - use.used - beginning);
  const taken = facts.slice(0, room);
  const held = facts.length - taken.length;
  const used = use.used + (taken.length === 0 ? 0 : taken.length + beginning);
  const detail = `the device has its ${FACTS_A_DAY} facts of ${use.day}; ${held} more wait on it`;
  return {
    ...{ taken, use: { day: use.day, used, held } },
    verdict: held === 0 ? verdict : ({ refusal: 'journal-quota', detail } as const),
  };
}

/**
 * Copies the journals of devices into the log: by event id, in order, each fact once however often it comes, and from
 * wherever the copy stands. Tells the device how far it is. `onRepeated` is called for what was copied before.
 */
export function createJournalCopies(cloud: Dependencies, onRepeated: () => void) {
  const { log, actors, clocks, link } = cloud;

  async function append(
    { systemId, deviceId, installationId, tenant }: Whose,
    journal: LoadedJournal,
    sent: readonly TravellingFact[],
  ): Promise<Outcome> {
    const today = quotaToday(await log.lookup('journal-quota', deviceId), clocks.machine.now());
    const fresh = sent.filter(({ version }) => version > journal.version);
    if (fresh.length === 0) onRepeated();
    const checked = checkFacts(journal, fresh, { actor: deviceId, tenant, systemId });
    const { taken, use, verdict } = withinQuota(journal, checked, today);
    const version = journal.version + taken.length;
    const at = taken.at(-1)?.metadata.at;
    const registry: RegistryOperation[] = [
      { operation: 'set', kind: 'journal-quota', key: deviceId, value: JSON.stringify(use) },
    ];
    if (at !== undefined) {
      const key = `${systemId}/${deviceId}/${installationId}`;
      registry.push({
        operation: 'set',
        kind: 'device-journal',
        key,
        value: JSON.stringify({ version, at }),
      });
    }
    if (taken.length > 0 || use.held !== today.held) {
      const { streamId, version: expectedVersion } = journal;
      await log.commit({ appends: [{ streamId, expectedVersion, facts: taken, effects: [], registry }] });
    }
    return { version, added: taken.length, verdict };
  }

  /** An id that stands elsewhere in the log makes the commit a no-op; then nothing was copied. */
  async function confirmed(stream: string, { version, added, verdict }: Outcome): Promise<Outcome> {
    if (added === 0) return { version, added, verdict };
    const written = await log.readStream(stream, version - added);
    if (written.length >= added) return { version, added, verdict };
    const detail = 'the ids of these facts stand in another stream';
    return { version: version - added, added: 0, verdict: { refusal: 'journal-conflict', detail } };
  }

  async function copy(systemId: string, message: JournalMessage): Promise<Outcome> {
    const { deviceId, installationId, facts } = message;
    const stream = journalStreamId(deviceId, installationId);
    const journal = await actors.load(deviceUpdate, stream);
    const verdict = conflictIn(journal, facts) ?? gapBefore(journal, facts);
    if (verdict !== null) return { version: journal.version, added: 0, verdict };
    const { tenant } = (await loadSite(actors, systemId)).stage.context;
    const whose = { systemId, deviceId, installationId, tenant };
    return confirmed(stream, await append(whose, journal, facts));
  }

  /** Untold, the device asks again by sending again. */
  async function tell(systemId: string, message: JournalMessage, outcome: Outcome, logger: Logger) {
    const { deviceId, installationId } = message;
    const { version, verdict } = outcome;
    // After a gap the device has only to go on from where the copy stands.
    const isStopped = verdict !== null && verdict.refusal !== 'journal-gap';
    const refused = isStopped ? { refusal: verdict.refusal, reason: verdict.detail } : null;
    try {
      const said = { deviceId, installationId, version, ...(refused === null ? {} : { refused }) };
      await link.publishCopied(systemId, buildCopied(said));
    } catch (error) {
      logger.warn({ err: error, version }, 'a device could not be told how far its journal is copied');
    }
  }

  return {
    async take(systemId: string, message: JournalMessage, logger: Logger): Promise<Verdict | null> {
      const outcome = await againAfterRaces(() => copy(systemId, message));
      await tell(systemId, message, outcome, logger);
      return outcome.verdict;
    },
  };
}
