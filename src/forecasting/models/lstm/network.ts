import { HORIZON_HOURS } from '../../horizon.ts';
import type { LstmWeights } from '../../tensor/recurrent.ts';
import type { Random } from '../xgboost/random.ts';

/** Sizes of the network. */
export interface NetworkSize {
  readonly steps: number;
  /** Values of a step. */
  readonly width: number;
  readonly units: number;
  /** Loads of other days that each forecast hour is offered. */
  readonly references: number;
}

/** Names of the trained arrays, in the order in which they are drawn and updated. */
export const PARAMETER_NAMES = ['input', 'recurrent', 'bias', 'head', 'headBias'] as const;
export type ParameterName = (typeof PARAMETER_NAMES)[number];

/**
 * The trained arrays, row-major: those of the LSTM ({@link LstmWeights}) and the head, which takes the last
 * hidden state to the 48 hours and to a weight for every reference in each half of them.
 */
export type Parameters = Readonly<Record<ParameterName, Float32Array>>;

/** First 24 hours and the 24 after them: other days are known for them. */
export const HALVES = 2;
export const HALF_HOURS = HORIZON_HOURS / HALVES;

/** Outputs of the head: the hours, then the weights of the references by half. */
export const headWidth = ({ references }: NetworkSize): number => HORIZON_HOURS + HALVES * references;

export function shapesOf(size: NetworkSize): Readonly<Record<ParameterName, readonly number[]>> {
  const gates = 4 * size.units;
  return {
    input: [size.width, gates],
    recurrent: [size.units, gates],
    bias: [gates],
    head: [size.units, headWidth(size)],
    headBias: [headWidth(size)],
  };
}

/** New arrays of the network's shapes. */
export function parametersOf(
  size: NetworkSize,
  values: (name: ParameterName, length: number) => Float32Array,
): Parameters {
  const shapes = shapesOf(size);
  const lengthOf = (name: ParameterName): number => shapes[name].reduce((n, d) => n * d, 1);
  return {
    input: values('input', lengthOf('input')),
    recurrent: values('recurrent', lengthOf('recurrent')),
    bias: values('bias', lengthOf('bias')),
    head: values('head', lengthOf('head')),
    headBias: values('headBias', lengthOf('headBias')),
  };
}

/** The forget gates begin open, so that early steps are heard (Jozefowicz et al. 2015). */
const FORGET_BIAS = 1;

/** Uniform by fan-in and fan-out (Glorot and Bengio 2010); the head begins at zero, so the forecast as its base. */
export function initialParameters(size: NetworkSize, random: Random): Parameters {
  const { units, width } = size;
  const uniform = (length: number, bound: number): Float32Array =>
    Float32Array.from({ length }, () => (2 * random() - 1) * bound);
  return parametersOf(size, (name, length) => {
    switch (name) {
      case 'input':
        return uniform(length, Math.sqrt(6 / (width + units)));
      case 'recurrent':
        return uniform(length, Math.sqrt(3 / units));
      case 'bias':
        return new Float32Array(length).fill(FORGET_BIAS, 2 * units, 3 * units);
      case 'head':
      case 'headBias':
        return new Float32Array(length);
    }
  });
}

export const lstmWeights = ({ width, units }: NetworkSize, parameters: Parameters): LstmWeights => ({
  width,
  units,
  input: parameters.input,
  recurrent: parameters.recurrent,
  bias: parameters.bias,
});
