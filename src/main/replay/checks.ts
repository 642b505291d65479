import { isDeepStrictEqual } from 'node:util';
import { nextWeeklySlot, startOfSlot } from '../../cloud/weekly.ts';
import { judge } from '../../forecasting/gate.ts';
import type { DayScore } from '../../ports/scores.ts';
import type { FoldedJob, FoldedLog } from './fold.ts';

/** What must hold of a replay, looked up after it. */
export interface Check {
  readonly name: string;
  readonly isMet: boolean;
  /** What was found. */
  readonly detail: string;
}

export interface CheckedReplay {
  readonly systemId: string;
  readonly zone: string;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly retrainWindowMs: number;
  readonly folded: FoldedLog;
  /** Status of each job by its read model. */
  readonly statuses: ReadonlyMap<string, string>;
  readonly days: readonly DayScore[];
  /** Gross load as it was replayed, kW; NaN where nothing was measured. */
  readonly loadAt: (hour: number) => number;
}

const HOUR_MS = 3_600_000;

/** Every Monday 03:00 whose turn came within the replay, epoch ms. */
function slotsOf({ systemId, zone, from, to, retrainWindowMs }: CheckedReplay): number[] {
  const slots: number[] = [];
  for (let slot = nextWeeklySlot(zone, new Date(from)); ; slot = nextWeeklySlot(zone, slot)) {
    if (startOfSlot(systemId, slot, retrainWindowMs).getTime() > to) return slots;
    slots.push(slot.getTime());
  }
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

const listed = (items: readonly string[], none: string): string =>
  items.length === 0 ? none : items.slice(0, 5).join('; ');

function slotCheck(replay: CheckedReplay): Check {
  const { jobs, skipped } = replay.folded;
  const slots = slotsOf(replay);
  const wrong = slots.flatMap((slot) => {
    const ran = jobs.filter((job) => job.slot === slot).length;
    const passed = skipped.find((each) => each.slot === slot);
    if (ran === 1) return [];
    return [`the slot of ${day(slot)} ran ${ran} times${passed === undefined ? '' : ` (${passed.reason})`}`];
  });
  const extra = jobs.filter(({ slot }) => slot !== null && !slots.includes(slot));
  const found = [...wrong, ...extra.map(({ slot }) => `a job of the unknown slot ${day(slot ?? 0)}`)];
  return {
    name: 'every weekly slot ran once',
    isMet: found.length === 0,
    detail: listed(found, `${slots.length} slots, ${slots.length} jobs`),
  };
}

/** Reasons that the gate's numbers cannot know. */
const OBSTACLES: ReadonlySet<string | null> = new Set([
  'champion-changed',
  'no-device',
  'site-gone',
  'held-for-rollout',
]);

/** What does not follow from the facts before it; null when all does. */
function flawOf({ jobId, evaluation, decision, reason, state, forced }: FoldedJob): string | null {
  if (evaluation === null || decision === null) return null;
  const { gateMetric: metric, metrics: challenger, seasonalNaive, comparison } = evaluation;
  const { target } = decision;
  const again = judge({ metric, target, challenger, seasonalNaive, comparison, forceRedeploy: forced });
  if (!isDeepStrictEqual({ ...again.decision }, { ...decision })) return `the numbers of job ${jobId} differ`;
  const kept = state === 'kept' && !OBSTACLES.has(reason) ? reason : null;
  return again.reason === kept ? null : `job ${jobId} says ${kept ?? 'deploy'}, its numbers say otherwise`;
}

function decisionCheck({ folded }: CheckedReplay): Check {
  const decided = folded.jobs.filter(({ decision }) => decision !== null);
  const flaws = decided.flatMap((job) => flawOf(job) ?? []);
  return {
    name: 'every decision follows from the numbers in the log',
    isMet: flaws.length === 0,
    detail: listed(flaws, `${decided.length} decisions judged again from their facts, the same to the digit`),
  };
}

function readModelCheck({ folded, statuses }: CheckedReplay): Check {
  const wrong = folded.jobs
    .filter(({ jobId, state }) => statuses.get(jobId) !== state)
    .map(({ jobId, state }) => `job ${jobId} is ${state} and shown as ${statuses.get(jobId) ?? 'nothing'}`);
  return {
    name: 'what is shown is what the log says',
    isMet: wrong.length === 0,
    detail: listed(wrong, `${folded.jobs.length} jobs, folded from ${folded.facts} facts`),
  };
}

/** Stored values went through the database as they are; sums may differ in the last digits. */
const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));

function actualFlaw({ day: date, issuedAt, actualKw }: DayScore, loadAt: (hour: number) => number): string[] {
  const first = Date.parse(issuedAt);
  const wrong = actualKw.findIndex(
    (actual, i) => actual !== null && !isNear(actual, loadAt(first + i * HOUR_MS)),
  );
  return wrong < 0 ? [] : [`hour ${wrong} of ${date} was scored against another load`];
}

/** Scored hours are those of the file, and each is scored: none before its time and none twice. */
function scoreCheck({ days, loadAt }: CheckedReplay): Check {
  const wrong = days.flatMap((score) => actualFlaw(score, loadAt));
  const hours = days.reduce((sum, score) => sum + score.hours, 0);
  return {
    name: 'days were scored against what the file says',
    isMet: wrong.length === 0,
    detail: listed(wrong, `${days.length} days, ${hours} hours`),
  };
}

function deliveryCheck({ folded }: CheckedReplay): Check {
  const silent = folded.deployments.filter(({ state }) => state === 'offered' || state === 'expired');
  const active = folded.deployments.filter(({ activeAt }) => activeAt !== null).length;
  return {
    name: 'the device answered every offer',
    isMet: silent.length === 0,
    detail: listed(
      silent.map(({ version, state }) => `version ${version} is ${state}`),
      `${active} of ${folded.deployments.length} began to serve`,
    ),
  };
}

/** Looks everything up that a replay promises. */
export const checkReplay = (replay: CheckedReplay): readonly Check[] => [
  slotCheck(replay),
  decisionCheck(replay),
  readModelCheck(replay),
  scoreCheck(replay),
  deliveryCheck(replay),
];
