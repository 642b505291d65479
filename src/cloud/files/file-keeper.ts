import type { Logger } from 'pino';
import { UNFINISHED_JOB_STATES } from '../../machines/training-job.ts';
import type { FileDocument } from '../../projections/documents.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { inRounds, type Rounds } from '../rounds.ts';
import { loadJob } from '../streams.ts';
import { type SortedFile, type SorterDependencies, sortFile } from './file-sorter.ts';
import { versionsInUse } from './versions-in-use.ts';

export type KeptFile = SortedFile | 'data-set-kept' | 'data-set-removed';

/** What is told of the files. */
export interface FileObserver {
  /** A file was moved, removed, or is missing. */
  sorted(outcome: KeptFile): void;
  /** All files were looked at: how many are what. */
  counted(counts: ReadonlyMap<KeptFile, number>): void;
}

export interface FileKeeperOptions {
  readonly cloud: SorterDependencies & Pick<CloudDependencies, 'clocks'>;
  /** How long a data set is kept after its last job, ms of the site clock. */
  readonly dataSetsKeptMs: number;
  readonly observer: FileObserver;
  readonly logger: Logger;
  /** Machine time between two rounds; default an hour. */
  readonly everyMs?: number | undefined;
}

const HOUR_MS = 3_600_000;
const PAGE = 500;
/** Files looked at in one round; the next goes on where it stopped. */
const ROUND = 20_000;
/** Files looked at at a time. */
const AT_ONCE = 8;

/** Outcomes of which nothing need be told one by one. */
const USUAL: ReadonlySet<KeptFile> = new Set(['kept', 'resting', 'gone', 'data-set-kept']);

/**
 * Looks at every file now and then: moves what lies in the wrong place, removes data sets whose time has passed, and
 * says what is missing. The net below the effects that do the same at once, and the only one for what they cannot
 * know: a decommissioned site, a crash of the store, a file put back by hand.
 */
export function keepFiles(options: FileKeeperOptions): Rounds {
  const { cloud, dataSetsKeptMs, observer, logger } = options;
  const { actors, artifacts, clocks, readModels } = cloud;
  let cursor: string | undefined;
  let counts = new Map<KeptFile, number>();

  async function isWorkedOn({ holders }: FileDocument): Promise<boolean> {
    const jobs = await Promise.all(holders.map(({ jobId }) => loadJob(actors, jobId)));
    return jobs.some(({ stage }) => UNFINISHED_JOB_STATES.includes(stage.state));
  }

  async function sortDataSet(file: FileDocument): Promise<KeptFile> {
    const newest = Math.max(...file.holders.map(({ at }) => Date.parse(at)));
    if (clocks.site.now().getTime() - newest < dataSetsKeptMs) return 'data-set-kept';
    if ((await artifacts.place(file.checksum)) === null) return 'gone';
    if (await isWorkedOn(file)) return 'data-set-kept';
    await artifacts.remove(file.checksum);
    return 'data-set-removed';
  }

  async function look(file: FileDocument, inUse: (systemId: string) => Promise<ReadonlySet<string>>) {
    const outcome = file.kind === 'data-set' ? await sortDataSet(file) : await sortFile(cloud, file, inUse);
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    if (!USUAL.has(outcome)) observer.sorted(outcome);
  }

  /** Most files of a page are of a few sites, each of which is asked once. */
  function rememberUses() {
    const known = new Map<string, Promise<ReadonlySet<string>>>();
    return (systemId: string) => {
      const uses = known.get(systemId) ?? versionsInUse(cloud, systemId);
      known.set(systemId, uses);
      return uses;
    };
  }

  /** The next page; true when it was the last. */
  async function page(): Promise<boolean> {
    const { items, nextCursor } = await readModels.list<FileDocument>('files', {
      ...{ tenant: '', limit: PAGE, cursor },
    });
    const inUse = rememberUses();
    for (let first = 0; first < items.length; first += AT_ONCE)
      await Promise.all(items.slice(first, first + AT_ONCE).map((file) => look(file, inUse)));
    cursor = nextCursor ?? undefined;
    return nextCursor === null;
  }

  async function round(signal: AbortSignal): Promise<void> {
    for (let looked = 0; looked < ROUND && !signal.aborted; looked += PAGE) {
      if (!(await page())) continue;
      observer.counted(counts);
      counts = new Map();
      return;
    }
  }

  const failed = 'the files could not be looked after: tried again later';
  return inRounds({ everyMs: options.everyMs ?? HOUR_MS, round, failed, logger });
}
