import type { Clock } from '../../ports/clocks.ts';
import type { MetadataFile, TrustStore } from '../../ports/trust-store.ts';
import type { TrustLifetimes } from './lifetimes.ts';

/** Until when the signed metadata of a role holds. */
export interface RoleOutlook {
  readonly role: 'root' | 'targets' | 'snapshot' | 'timestamp';
  /** Of bins the first to end. */
  readonly expires: Date;
  /** Why somebody should look at it; null when nothing is the matter. */
  readonly warning: string | null;
}

const DAY_MS = 86_400_000;
/** A ceremony takes people and their travels. */
const ROOT_NOTICE_MS = 30 * DAY_MS;

type Expiring = Pick<MetadataFile, 'expires'>;

function outlookOf(
  role: RoleOutlook['role'],
  { expires }: Expiring,
  noticeMs: number,
  todo: string,
  now: Date,
): RoleOutlook {
  const left = expires.getTime() - now.getTime();
  const warning = left > noticeMs ? null : `${role} ends ${expires.toISOString()}: ${todo}`;
  return { role, expires, warning };
}

/** When each role ends, and whether it should have been renewed by now; null where no root is published. */
export async function trustOutlook(
  store: TrustStore,
  clock: Clock,
  { timestampMs, snapshotMs, targetsMs }: TrustLifetimes,
): Promise<readonly RoleOutlook[] | null> {
  const root = await store.latest('root');
  if (root === null) return null;
  const now = clock.now();
  const none = { expires: new Date(0) };
  const targets = (await store.targetFiles()).reduce<Expiring>(
    (first, file) => (file.expires < first.expires ? file : first),
    { expires: new Date(8.64e15) },
  );
  const snapshot = (await store.latest('snapshot')) ?? none;
  const timestamp = (await store.latest('timestamp')) ?? none;
  const online = 'check the log of the cloud nodes and their keys in trust/online';
  return [
    outlookOf('root', root, ROOT_NOTICE_MS, 'make, sign and publish the next one (lifo4-ml keys)', now),
    outlookOf('targets', targets, targetsMs / 4, 'check that the signer runs', now),
    outlookOf('snapshot', snapshot, snapshotMs / 4, online, now),
    outlookOf('timestamp', timestamp, timestampMs / 4, online, now),
  ];
}
