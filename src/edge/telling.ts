import type { DeviceReport } from '../ota/messages.ts';
import type { Core } from './core.ts';
import { type DataBudget, reportedData } from './data-budget.ts';
import type { ResolvedOptions } from './device-options.ts';
import { createJournalShipping, type JournalShipping } from './journal-shipping.ts';
import { droppedOf } from './logbook.ts';
import { describeDevice, type NotedRefusal, phaseOf } from './report.ts';
import { createSendPace } from './send-pace.ts';
import { createUplink, type Uplink } from './uplink.ts';

/** What a device tells the cloud of itself, and how that gets there. */
export interface Telling {
  readonly shipping: JournalShipping;
  readonly uplink: Uplink;
  report(): DeviceReport;
  /** Something worth telling changed. */
  announce(): void;
  /** Tells people what is under way, with the share of it that is done where that is known. */
  tellProgress(share?: number): void;
  /** How far the download for an assignment is, a quarter at a time. */
  tellDownload(assignment: number, share: number): void;
}

export interface TellingOptions {
  readonly options: ResolvedOptions;
  readonly core: Core;
  readonly budget: DataBudget;
  /** Why the file of the present attempt is not fetched; null when nothing holds it back. */
  readonly waitsFor: () => string | null;
  readonly refused: () => NotedRefusal | null;
}

/** Calls `tell` once for each quarter of each download. */
function createProgressSteps(tell: (share: number) => void): (key: number, share: number) => void {
  let last = '';
  return (key, share) => {
    const step = Math.floor(share * 4) / 4;
    if (last === `${key} ${step}`) return;
    last = `${key} ${step}`;
    tell(step);
  };
}

export function createTelling({ options, core, budget, waitsFor, refused }: TellingOptions): Telling {
  const { store, deviceId, newId, steady } = options;
  const { journal, history, logbook } = core;
  const now = () => options.clocks.site.now().toISOString();

  function report(): DeviceReport {
    const { installationId } = store;
    const about = { messageId: newId(), deviceId, installationId, historyHours: history.measuredHours() };
    const figures = { dropped: droppedOf(logbook.read()), data: reportedData(budget.status()), at: now() };
    return describeDevice(journal.stage(), { ...about, ...figures }, refused(), waitsFor());
  }

  const { gatherMs } = options.timings;
  const shipping = createJournalShipping({ ...options, logbook, clock: steady, gatherMs });
  const pace = createSendPace(budget.level, steady);
  const uplink = createUplink({ ...options, report, shipping, pace });

  function tellProgress(share?: number): void {
    const phase = phaseOf(journal.stage());
    if (phase === null || budget.level() === 'spent') return;
    const waiting = waitsFor();
    const about = {
      ...(share === undefined ? {} : { share }),
      ...(waiting === null ? {} : { waitsFor: waiting }),
    };
    uplink.progress({ ...phase, ...about, at: now() });
  }

  return {
    shipping,
    uplink,
    report,
    announce() {
      uplink.reportChanged();
      uplink.wake();
    },
    tellProgress,
    tellDownload: createProgressSteps(tellProgress),
  };
}
