import { HORIZON_HOURS } from '../horizon.ts';
import { scalar } from '../tensor/algebra.ts';
import { numeric } from '../tensor/numeric.ts';
import { type LinearState, linear } from './linear.ts';
import type { NetworkRows } from './lstm/batch.ts';
import {
  HALVES,
  headWidth,
  initialParameters,
  lstmWeights,
  type NetworkSize,
  type Parameters,
} from './lstm/network.ts';
import { REFERENCES, referencesOf, STEP_WIDTH, STEPS, sequencesOf } from './lstm/sequences.ts';
import { type Schedule, trainNetwork } from './lstm/train.ts';
import {
  type FitOptions,
  type FittedModel,
  type Member,
  requireTargets,
  type TrainingRows,
} from './member.ts';
import { createRandom } from './xgboost/random.ts';

/**
 * An LSTM over the last two weeks, a day a step, that answers for the next 48 hours what the linear member leaves
 * over of the change against last week (docs/decisions/0019).
 */

const SIZE: NetworkSize = { steps: STEPS, width: STEP_WIDTH, units: 24, references: REFERENCES };

const FIRST: Schedule = { epochs: 12, learningRate: 2e-3, patience: 4 };

/** From arrays that were fitted to all but the newest days. */
const AGAIN: Schedule = { epochs: 4, learningRate: 1e-3, patience: 2 };

/** Share of the rows, the newest, that says when to stop. */
const VALIDATION_SHARE = 0.15;

/** A fitted network, which a later fit to more days can begin with. */
export interface LstmState {
  readonly base: LinearState;
  readonly parameters: Parameters;
  readonly units: Units;
}

/** Usual sizes, in units of the level. */
interface Units {
  /** Of changes against last week, which the network reads. */
  readonly change: number;
  /** Of what the linear member leaves over, which it answers. */
  readonly residual: number;
}

function lstmModel({ base: state, parameters, units }: LstmState): FittedModel {
  const base = linear.restore(state);
  const weights = lstmWeights(SIZE, parameters);
  const outputs = headWidth(SIZE);
  return {
    forecast(g, view) {
      const hidden = g.lstm(sequencesOf(g, view, units.change), weights);
      const head = g.add(
        g.matmul(hidden, g.constant(parameters.head, [SIZE.units, outputs])),
        g.constant(parameters.headBias, [outputs]),
      );
      const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
      const mix = g.reshape(g.take(head, range(HORIZON_HOURS, outputs)), [HALVES, 1, REFERENCES]);
      const mixed = g.reshape(g.total(g.mul(referencesOf(g, view, units.change), mix), 3), [HORIZON_HOURS]);
      const change = g.add(g.take(head, range(0, HORIZON_HOURS)), mixed);
      return g.add(base.forecast(g, view), g.mul(change, g.mul(view.lags.scale, scalar(g, units.residual))));
    },
  };
}

/** What a base [N, 48] leaves over, in units of the level; NaN where not known. */
function leftOver({ view, targets }: TrainingRows, base: Float32Array): Float32Array {
  const scale = view.lags.scale.data;
  return targets.map((y, i) => (y - (base[i] as number)) / (scale[Math.floor(i / HORIZON_HOURS)] as number));
}

function meanSize(values: Float32Array): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return Math.max(1e-6, known.reduce((sum, value) => sum + Math.abs(value), 0) / Math.max(1, known.length));
}

/** Changes beyond this many usual ones are learnt as that many. */
const LARGEST_TARGET = 6;

function networkRows(rows: TrainingRows, residuals: Float32Array, units: Units): NetworkRows {
  return {
    count: rows.count,
    sequences: sequencesOf(numeric, rows.view, units.change).data,
    references: referencesOf(numeric, rows.view, units.change).data,
    targets: residuals.map((y) => Math.max(-LARGEST_TARGET, Math.min(LARGEST_TARGET, y / units.residual))),
  };
}

const positions = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

async function fit(rows: TrainingRows, options: FitOptions<LstmState, LinearState>): Promise<LstmState> {
  requireTargets(rows);
  const { seed, onProgress, signal, openGraph, earlier: before } = options;
  const base = options.base ?? (await linear.fit(rows, { ...options, earlier: null, onProgress: () => {} }));
  const residuals = leftOver(rows, linear.restore(base).forecast(numeric, rows.view).data);
  const units = before?.units ?? {
    change: meanSize(leftOver(rows, rows.view.lags.week[0].data)),
    residual: meanSize(residuals),
  };
  const schedule = before === null ? FIRST : AGAIN;
  const cut = Math.floor(rows.count * (1 - VALIDATION_SHARE));
  const parameters = await trainNetwork({
    size: SIZE,
    rows: networkRows(rows, residuals, units),
    start: before?.parameters ?? initialParameters(SIZE, createRandom(seed)),
    learn: positions(0, cut),
    validate: positions(cut, rows.count),
    schedule,
    seed,
    openGraph,
    signal,
    onEpoch: (epoch, loss) => onProgress(epoch / schedule.epochs, loss),
  });
  onProgress(1);
  return { base, parameters, units };
}

export const lstm: Member<LstmState, LinearState> = { name: 'lstm', fit, restore: lstmModel };
