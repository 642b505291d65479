import type { OpenGraph, RunningGraph } from '../../graph-runner.ts';
import { createRandom, type Random } from '../xgboost/random.ts';
import { type Adam, createAdam } from './adam.ts';
import { batchOf, type NetworkRows, parameterInputs } from './batch.ts';
import { type NetworkSize, type Parameters, parametersOf } from './network.ts';
import { GRADIENT, trainingGraph } from './training-graph.ts';

export interface Schedule {
  readonly epochs: number;
  readonly learningRate: number;
  /** Epochs without a better validation loss after which training ends. */
  readonly patience: number;
}

export interface TrainingTask {
  readonly size: NetworkSize;
  readonly rows: NetworkRows;
  /** Where training begins; not changed. */
  readonly start: Parameters;
  /** Positions of the rows to learn from. */
  readonly learn: readonly number[];
  /** Positions of others, which say when to stop. At least one. */
  readonly validate: readonly number[];
  readonly schedule: Schedule;
  readonly seed: number;
  readonly openGraph: OpenGraph;
  readonly signal: AbortSignal;
  readonly onEpoch: (epoch: number, loss: number) => void;
}

const BATCH = 64;
const DROPOUT = 0.3;
const WEIGHT_DECAY = 0.05;

/** Share of the steps over which the learning rate rises, before it falls to nothing along a cosine. */
const WARM_UP = 0.15;

const learningRateAt = (share: number, peak: number): number =>
  share < WARM_UP
    ? (peak * (share + 0.01)) / (WARM_UP + 0.01)
    : (peak * (1 + Math.cos((Math.PI * (share - WARM_UP)) / (1 - WARM_UP)))) / 2;

const dropout = (random: Random) => (): number => (random() < DROPOUT ? 0 : 1 / (1 - DROPOUT));

function shuffled(positions: readonly number[], random: Random): number[] {
  const order = [...positions];
  for (let i = order.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [order[i], order[other]] = [order[other] as number, order[i] as number];
  }
  return order;
}

interface Run {
  readonly task: TrainingTask;
  readonly graph: RunningGraph;
  readonly batch: number;
  readonly parameters: Parameters;
  readonly random: Random;
}

/** One pass over the rows in a new order; what does not fill a batch waits for another order. */
async function runEpoch(run: Run, adam: Adam, epoch: number): Promise<void> {
  const { task, graph, batch, parameters, random } = run;
  const { size, rows, schedule, signal } = task;
  const order = shuffled(task.learn, random);
  const batches = Math.floor(order.length / batch);
  for (let b = 0; b < batches; b++) {
    signal.throwIfAborted();
    const chosen = order.slice(b * batch, (b + 1) * batch);
    const inputs = batchOf(size, rows, chosen, dropout(random));
    const outputs = await graph.run({ ...parameterInputs(size, parameters), ...inputs });
    const share = (epoch + b / batches) / schedule.epochs;
    adam.step(
      (name) => outputs[name + GRADIENT] as Float32Array,
      learningRateAt(share, schedule.learningRate),
    );
  }
}

const copyOf = (size: NetworkSize, parameters: Parameters): Parameters =>
  parametersOf(size, (name) => parameters[name].slice());

/** The loss on rows that are not learnt from. */
async function createValidation({ size, rows, validate, openGraph }: TrainingTask) {
  const graph = await openGraph(trainingGraph(size, validate.length, false));
  const inputs = batchOf(size, rows, validate, () => 1);
  return {
    async loss(parameters: Parameters): Promise<number> {
      const outputs = await graph.run({ ...parameterInputs(size, parameters), ...inputs });
      return outputs['loss']?.[0] ?? Number.NaN;
    },
    close: () => graph.close(),
  };
}

type Validation = Awaited<ReturnType<typeof createValidation>>;

/** Trains until the schedule or the patience ends; answers the best arrays, those of the start when none was better. */
async function followSchedule(run: Run, validation: Validation): Promise<Parameters> {
  const { task, parameters } = run;
  const { size, schedule, onEpoch } = task;
  const adam = createAdam(parameters, WEIGHT_DECAY);
  let best = { parameters: task.start, epoch: -1, loss: await validation.loss(parameters) };
  for (let epoch = 0; epoch < schedule.epochs; epoch++) {
    await runEpoch(run, adam, epoch);
    const loss = await validation.loss(parameters);
    onEpoch(epoch + 1, loss);
    if (loss < best.loss) best = { parameters: copyOf(size, parameters), epoch, loss };
    if (epoch - best.epoch >= schedule.patience) break;
  }
  return best.parameters;
}

/** Trains the network. The same task gives the same arrays. Rejects with the signal's reason when it is aborted. */
export async function trainNetwork(task: TrainingTask): Promise<Parameters> {
  const { size, learn, start, seed, openGraph } = task;
  const batch = Math.min(BATCH, learn.length);
  const graph = await openGraph(trainingGraph(size, batch, true));
  try {
    const validation = await createValidation(task);
    const run = { task, graph, batch, parameters: copyOf(size, start), random: createRandom(seed) };
    try {
      return await followSchedule(run, validation);
    } finally {
      await validation?.close();
    }
  } finally {
    await graph.close();
  }
}
