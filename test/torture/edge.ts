import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench, BenchContext } from '../../bench/bench.ts';
import { bundleDevice } from '../../src/adapters/esbuild/bundle-device.ts';
import { createRandom, type Random } from '../../src/forecasting/models/xgboost/random.ts';
import { type ForgetfulDisk, mountForgetfulDisk } from './edge/forgetful-disk.ts';
import type { Aim, Kill } from './edge/kill.ts';
import { mountSmallDisk } from './edge/small-disk.ts';
import { startTorturedCloud } from './edge/tortured-cloud.ts';
import { createTorturedDevice } from './edge/tortured-device.ts';
import {
  type OfferKind,
  runTrial,
  type Scene,
  type Served,
  type TrialPlan,
  type TrialResult,
} from './edge/trial.ts';

/** Longest time after an offer, or a start, at which a device is killed: a whole update fits in, cold start included. */
const KILL_WITHIN_MS = 2_500;
/** Longest time from the sight of what is aimed at to the kill. */
const DELAY_WITHIN_MS = 200;
/** As often as they stand here. */
const AIMS: readonly Aim[] = [
  'anywhere',
  'anywhere',
  'anywhere',
  'journal',
  'journal',
  'proof',
  'proof-and-device',
];
/** One trial in so many is left alone, to time a rollback. */
const LEFT_ALONE = 10;

const ROOT = join(import.meta.dirname, '..', '..');

function killOf(random: Random): Kill {
  const aim = AIMS[Math.floor(random() * AIMS.length)] ?? 'anywhere';
  const delayMs = aim === 'journal' ? random() * 5 : random() * DELAY_WITHIN_MS;
  const within = aim === 'anywhere' || aim === 'journal' ? KILL_WITHIN_MS : 0;
  return { aim, afterMs: Math.round(random() * within), delayMs: Math.round(delayMs) };
}

function planOf(assignment: number, random: Random): TrialPlan {
  const draw = random();
  // The first model has to come in, or nothing could be lost later.
  const kind: OfferKind = assignment === 1 || draw < 0.6 ? 'good' : draw < 0.9 ? 'nan' : 'tampered';
  const alone = assignment % LEFT_ALONE === 0;
  const kills = alone ? 0 : 1 + Number(random() < 0.4) + Number(random() < 0.2);
  return {
    assignment,
    kind,
    fullDisk: !alone && random() < 0.5,
    kills: Array.from({ length: kills }, () => killOf(random)),
  };
}

/** What all devices of a run share. */
interface Run {
  readonly program: string;
  readonly trials: number;
  readonly seed: number;
  readonly small: boolean;
  readonly forgetful: boolean;
  readonly say: BenchContext['say'];
}

async function update(
  scene: Scene,
  name: string,
  random: Random,
  { trials, say }: Pick<Run, 'trials' | 'say'>,
): Promise<readonly TrialResult[]> {
  const results: TrialResult[] = [];
  let served: Served | null = null;
  for (let assignment = 1; assignment <= trials; assignment += 1) {
    const result: TrialResult = await runTrial(scene, planOf(assignment, random), served);
    served = result.served;
    results.push(result);
    for (const complaint of result.complaints) say(`${name}: ${complaint}`);
    if (assignment % 25 === 0) say(`${name}: ${assignment} of ${trials}`);
  }
  return results;
}

/** Tortures one device for its trials; resolves with them and what power cuts took. */
async function torture(name: string, { program, seed, small, forgetful, ...run }: Run) {
  const disk = small ? mountSmallDisk() : null;
  const memory: ForgetfulDisk | null = forgetful ? await mountForgetfulDisk(seed) : null;
  const cloud = await startTorturedCloud(name, disk?.folder ?? memory?.folder);
  const device = createTorturedDevice(cloud, { program, onKilled: () => memory?.cutPower() });
  memory?.sync();
  try {
    const results = await update({ cloud, device, disk }, name, createRandom(seed), run);
    return { results, losses: memory?.losses() };
  } finally {
    await device.close();
    await cloud.close();
    disk?.close();
    await memory?.close();
  }
}

const total = (results: readonly TrialResult[], count: (result: TrialResult) => number): number =>
  results.reduce((sum, result) => sum + count(result), 0);

function report(context: BenchContext, lanes: readonly Awaited<ReturnType<typeof torture>>[]): void {
  const results = lanes.flatMap((lane) => lane.results);
  const losses = lanes.flatMap((lane) => lane.losses ?? []);
  const rollbacks = results.flatMap(({ rollbackSeconds }) => rollbackSeconds ?? []);
  const answers = results.flatMap(({ answerSeconds }) => answerSeconds ?? []);
  context.figure('trials', '', [results.length]);
  context.figure('kills', '', [total(results, ({ kills }) => kills)]);
  context.figure('no_valid_model', '', [total(results, ({ withoutModel }) => withoutModel)]);
  context.figure('false_acks', '', [total(results, ({ falseAcks }) => falseAcks)]);
  if (rollbacks.length > 0) context.figure('rollback_s_max', 's', [Math.max(...rollbacks)]);
  if (answers.length > 0) context.figure('rollback_answered_s_max', 's', [Math.max(...answers)]);
  if (losses.length > 0) {
    context.figure('lost_writes', '', [losses.reduce((sum, { lostWrites }) => sum + lostWrites, 0)]);
    context.figure('lost_names', '', [losses.reduce((sum, { lostNames }) => sum + lostNames, 0)]);
  }
}

const edge: Bench = {
  summary:
    'kill -9 at random instants of updates, or a power cut: a whole model always serves, every answer is true',
  options: {
    trials: { description: 'updates in all', default: '1000' },
    devices: { description: 'devices that are tortured at the same time', default: '2' },
    seed: { description: 'of the instants and the models', default: '1' },
    'small-disk': {
      description: 'half the updates meet a disk that is full to the last byte (root)',
      flag: true,
    },
    'lost-writes': {
      description: 'every kill is a power cut that takes what was not synced (root, FUSE and gcc)',
      flag: true,
    },
  },
  async run(context) {
    const devices = context.number('devices');
    const shared = {
      trials: Math.ceil(context.number('trials') / devices),
      small: context.option('small-disk') === 'true',
      forgetful: context.option('lost-writes') === 'true',
      say: context.say,
    };
    if (shared.small && shared.forgetful) throw new RangeError('--small-disk or --lost-writes, not both');
    // Within the project, where onnxruntime-node is found.
    const folder = await mkdtemp(join(ROOT, 'node_modules', '.tortured-device-'));
    try {
      const [program = ''] = await bundleDevice(ROOT, folder);
      const lanes = Array.from({ length: devices }, (_, i) =>
        torture(`dev-${i + 1}`, { ...shared, program, seed: context.number('seed') + i }),
      );
      report(context, await Promise.all(lanes));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

export default edge;
