import { PARAMETER_NAMES, type ParameterName, type Parameters } from './network.ts';

/** Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019). */
export interface Adam {
  /** Changes `parameters` in place by one step. */
  step(gradient: (name: ParameterName) => Float32Array, learningRate: number): void;
}

const FIRST_DECAY = 0.9;
const SECOND_DECAY = 0.99;
const EPSILON = 1e-8;

/** Biases are free: they say where the level is, not how complicated the network is. */
const DECAYED: ReadonlySet<ParameterName> = new Set(['input', 'recurrent', 'head']);

/** Longest gradient that is followed, over all arrays; a longer one is shortened to it. */
const LONGEST_GRADIENT = 1;

const squaredLength = (values: Float32Array): number => {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
};

export function createAdam(parameters: Parameters, weightDecay: number): Adam {
  const moments = PARAMETER_NAMES.map((name) => ({
    name,
    values: parameters[name],
    first: new Float64Array(parameters[name].length),
    second: new Float64Array(parameters[name].length),
    decay: DECAYED.has(name) ? weightDecay : 0,
  }));
  let steps = 0;
  return {
    step(gradient, learningRate) {
      steps++;
      const length = Math.sqrt(PARAMETER_NAMES.reduce((sum, name) => sum + squaredLength(gradient(name)), 0));
      const shorten = Math.min(1, LONGEST_GRADIENT / Math.max(length, 1e-12));
      const firstScale = 1 / (1 - FIRST_DECAY ** steps);
      const secondScale = 1 / (1 - SECOND_DECAY ** steps);
      for (const { name, values, first, second, decay } of moments) {
        const slopes = gradient(name);
        const kept = 1 - learningRate * decay;
        for (let i = 0; i < values.length; i++) {
          const slope = (slopes[i] as number) * shorten;
          const m = FIRST_DECAY * (first[i] as number) + (1 - FIRST_DECAY) * slope;
          const v = SECOND_DECAY * (second[i] as number) + (1 - SECOND_DECAY) * slope * slope;
          first[i] = m;
          second[i] = v;
          const move = (m * firstScale) / (Math.sqrt(v * secondScale) + EPSILON);
          values[i] = (values[i] as number) * kept - learningRate * move;
        }
      }
    },
  };
}
