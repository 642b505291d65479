import type { Ack } from '../../../src/ota/messages.ts';
import { checksumOf } from '../../edge/site-under-test.ts';
import { tinyModel } from '../../edge/tiny-model.ts';
import { type Kill, strike } from './kill.ts';
import type { SmallDisk } from './small-disk.ts';
import type { TorturedCloud } from './tortured-cloud.ts';
import type { TorturedDevice } from './tortured-device.ts';

/** One update with kills at random instants, and what must hold at every one of them. */

/** What is offered: a model that works, one that answers no numbers, one whose bytes are not those that were signed. */
export type OfferKind = 'good' | 'nan' | 'tampered';

const OUTCOMES: Readonly<Record<OfferKind, Ack['status']>> = {
  good: 'active',
  nan: 'rolledback',
  tampered: 'rejected',
};

/** Bytes that make a download take some dozens of milliseconds. */
const PADDING = 300_000;
const PATIENCE_MS = 120_000;
const LOOK_MS = 2;

/** The model that serves, by version and checksum; null before the first. */
export interface Served {
  readonly version: string;
  readonly checksum: string;
}

export interface TrialResult {
  readonly served: Served | null;
  readonly kills: number;
  /** Instants at which no whole model of this site would have been found. */
  readonly withoutModel: number;
  readonly falseAcks: number;
  /** Seconds from a model's failure to the one before in its place, where nothing was killed. */
  readonly rollbackSeconds: number | null;
  /** Seconds from the beginning of that proof to the answer at the cloud. */
  readonly answerSeconds: number | null;
  /** What went wrong, for people. */
  readonly complaints: readonly string[];
}

export interface TrialPlan {
  readonly assignment: number;
  readonly kind: OfferKind;
  /** Whether the disk is full from the offer until the device was killed for the last time. */
  readonly fullDisk: boolean;
  readonly kills: readonly Kill[];
}

async function until<Found>(look: () => Found | undefined, patienceMs: number): Promise<Found | undefined> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const found = look();
    if (found !== undefined || performance.now() > end) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function modelOf({ assignment, kind }: TrialPlan): { readonly bytes: Uint8Array; readonly claimed: string } {
  const version = `1.${assignment}.0`;
  const bytes = tinyModel({ version, factor: kind === 'nan' ? Number.NaN : 1, padding: PADDING });
  const claimed = checksumOf(bytes);
  if (kind === 'tampered') bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  return { bytes, claimed };
}

/** What an answer says that is not so. */
function liesOf(ack: Ack | undefined, plan: TrialPlan, after: Served | null): string[] {
  if (ack === undefined) return ['no answer came'];
  const lies: string[] = [];
  if (ack.status !== OUTCOMES[plan.kind])
    lies.push(`a ${plan.kind} model was answered ${ack.status}: ${ack.reason ?? 'no reason'}`);
  const running = after?.version ?? null;
  if (ack.runningVersion !== running)
    lies.push(`the answer says that ${ack.runningVersion} runs, it is ${running}`);
  return lies;
}

/** Kills at the plan's instants and starts again; complains of what serves in between. */
async function killAndLook(
  device: TorturedDevice,
  { assignment, kills }: TrialPlan,
  allowed: readonly (string | null)[],
): Promise<string[]> {
  const complaints: string[] = [];
  for (const kill of kills) {
    await strike(device, kill);
    const serving = device.serving();
    if (!allowed.includes(serving))
      complaints.push(`assignment ${assignment}, killed ${JSON.stringify(kill)}: ${serving} serves`);
    device.start();
  }
  return complaints;
}

const wasAlone = ({ kind, kills }: TrialPlan): boolean => kind === 'nan' && kills.length === 0;

/** Seconds from the beginning of a proof that was not disturbed to the answer that took the model back. */
function answerSeconds({ progress }: TorturedCloud, plan: TrialPlan, answeredAt: number): number | null {
  const proof = progress.findLast(
    ({ message }) => message.deploymentId === `dep-${plan.assignment}` && message.phase === 'probation',
  );
  return proof === undefined ? null : (answeredAt - proof.at) / 1000;
}

async function timesOf({ cloud, device }: Scene, plan: TrialPlan, answeredAt: number | undefined) {
  if (!wasAlone(plan) || answeredAt === undefined) return { rollbackSeconds: null, answerSeconds: null };
  // Its memory is locked while it lives.
  await device.kill();
  return {
    rollbackSeconds: device.restorationSeconds(),
    answerSeconds: answerSeconds(cloud, plan, answeredAt),
  };
}

/** Who and what takes part in a trial. */
export interface Scene {
  readonly cloud: TorturedCloud;
  readonly device: TorturedDevice;
  /** The device's disk, where it is one that can be filled. */
  readonly disk: SmallDisk | null;
}

/** Runs one trial on a device that serves `before`. */
export async function runTrial(
  { cloud, device, disk }: Scene,
  plan: TrialPlan,
  before: Served | null,
): Promise<TrialResult> {
  const { assignment, kind } = plan;
  const { bytes, claimed } = modelOf(plan);
  device.start();
  if (plan.fullDisk) disk?.fill();
  await cloud.offer(assignment, bytes, claimed);
  const lost = await killAndLook(device, plan, [
    before?.checksum ?? null,
    ...(kind === 'tampered' ? [] : [claimed]),
  ]);
  disk?.clear();
  // With no room at all the program may have ended by itself: whatever keeps it running starts it again.
  device.start();
  const heard = await until(
    () => cloud.acks.findLast(({ message }) => message.assignment === assignment),
    PATIENCE_MS,
  );
  const after =
    heard?.message.status === 'active' ? { version: `1.${assignment}.0`, checksum: claimed } : before;
  const lies = liesOf(heard?.message, plan, after);
  if (device.serving() !== (after?.checksum ?? null)) lies.push(`${device.serving()} serves in the end`);
  return {
    served: after,
    kills: plan.kills.length,
    withoutModel: lost.length,
    falseAcks: lies.length > 0 ? 1 : 0,
    ...(await timesOf({ cloud, device, disk }, plan, heard?.at)),
    complaints: [...lost, ...lies.map((lie) => `assignment ${assignment}: ${lie}`)],
  };
}
