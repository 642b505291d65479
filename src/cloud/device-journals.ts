import { journalStreamId } from '../events/stream-id.ts';
import type { EventLog } from '../ports/event-log.ts';
import { FACTS_A_DAY, type QuotaUse } from './uplink/journal-quota.ts';

/** A journal of one of a site's devices, as far as it is copied: one for each installation of each device. */
export interface DeviceJournalCopy {
  readonly deviceId: string;
  readonly installationId: string;
  readonly streamId: string;
  readonly facts: number;
  /** Of the last fact: the device's site clock. */
  readonly lastAt: string;
  /** Of the device, on the latest day that it had anything copied; null when it never had. */
  readonly quota: (QuotaUse & { readonly limit: number }) | null;
}

interface Copied {
  readonly version: number;
  readonly at: string;
}

/** A site sees a device or two in its life, and each is reset a few times. */
const MOST = 1_000;

async function quotaOf(log: EventLog, deviceId: string): Promise<DeviceJournalCopy['quota']> {
  const value = await log.lookup('journal-quota', deviceId);
  if (value === null) return null;
  const use: QuotaUse = JSON.parse(value);
  return { ...use, limit: FACTS_A_DAY };
}

/** The journals of a site's devices, by device and installation. */
export async function listDeviceJournals(
  log: EventLog,
  systemId: string,
): Promise<readonly DeviceJournalCopy[]> {
  const prefix = `${systemId}/`;
  const entries = await log.entries('device-journal', prefix, MOST);
  const ours = entries.filter(({ key }) => key.startsWith(prefix));
  return Promise.all(
    ours.map(async ({ key, value }) => {
      const [, deviceId = '', installationId = ''] = key.split('/');
      const { version, at }: Copied = JSON.parse(value);
      const streamId = journalStreamId(deviceId, installationId);
      const quota = await quotaOf(log, deviceId);
      return { deviceId, installationId, streamId, facts: version, lastAt: at, quota };
    }),
  );
}
