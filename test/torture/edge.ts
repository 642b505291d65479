import type { Bench, BenchContext } from '../../bench/bench.ts';
import { createRandom, type Random } from '../../src/forecasting/models/xgboost/random.ts';
import { mountSmallDisk } from './edge/small-disk.ts';
import { startTorturedCloud } from './edge/tortured-cloud.ts';
import { createTorturedDevice } from './edge/tortured-device.ts';
import { type OfferKind, runTrial, type Served, type TrialPlan, type TrialResult } from './edge/trial.ts';

/** Longest time after an offer, or a start, at which a device is killed: a whole update fits in, cold start included. */
const KILL_WITHIN_MS = 2_500;
/** One trial in so many is left alone, to time a rollback. */
const LEFT_ALONE = 10;

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
    killAfterMs: Array.from({ length: kills }, () => Math.round(random() * KILL_WITHIN_MS)),
  };
}

/** Tortures one device for `trials` updates. */
async function torture(
  name: string,
  trials: number,
  random: Random,
  small: boolean,
  say: BenchContext['say'],
): Promise<TrialResult[]> {
  const disk = small ? mountSmallDisk() : null;
  const cloud = await startTorturedCloud(name, disk?.folder);
  const device = createTorturedDevice(cloud);
  const results: TrialResult[] = [];
  let served: Served | null = null;
  try {
    for (let assignment = 1; assignment <= trials; assignment += 1) {
      const result: TrialResult = await runTrial({ cloud, device, disk }, planOf(assignment, random), served);
      served = result.served;
      results.push(result);
      for (const complaint of result.complaints) say(`${name}: ${complaint}`);
      if (assignment % 25 === 0) say(`${name}: ${assignment} of ${trials}`);
    }
    return results;
  } finally {
    await device.kill();
    await cloud.close();
    disk?.close();
  }
}

const total = (results: readonly TrialResult[], count: (result: TrialResult) => number): number =>
  results.reduce((sum, result) => sum + count(result), 0);

const edge: Bench = {
  summary: 'kill -9 at random instants of updates: a whole model always serves, every answer is true',
  options: {
    trials: { description: 'updates in all', default: '1000' },
    devices: { description: 'devices that are tortured at the same time', default: '2' },
    seed: { description: 'of the instants and the models', default: '1' },
    'small-disk': {
      description: 'half the updates meet a disk that is full to the last byte (root)',
      flag: true,
    },
  },
  async run(context) {
    const devices = context.number('devices');
    const each = Math.ceil(context.number('trials') / devices);
    const small = context.option('small-disk') === 'true';
    const lanes = Array.from({ length: devices }, (_, i) =>
      torture(`dev-${i + 1}`, each, createRandom(context.number('seed') + i), small, context.say),
    );
    const results = (await Promise.all(lanes)).flat();
    const rollbacks = results.flatMap(({ rollbackSeconds }) => rollbackSeconds ?? []);
    context.figure('trials', '', [results.length]);
    context.figure('kills', '', [total(results, ({ kills }) => kills)]);
    context.figure('no_valid_model', '', [total(results, ({ withoutModel }) => withoutModel)]);
    context.figure('false_acks', '', [total(results, ({ falseAcks }) => falseAcks)]);
    if (rollbacks.length > 0) context.figure('rollback_s_max', 's', [Math.max(...rollbacks)]);
  },
};

export default edge;
