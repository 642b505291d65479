import type { GraphInput } from '../../graph-runner.ts';
import { HORIZON_HOURS } from '../../horizon.ts';
import {
  HALF_HOURS,
  HALVES,
  type NetworkSize,
  PARAMETER_NAMES,
  type Parameters,
  shapesOf,
} from './network.ts';

/** Rows that the network learns from, in units of the usual change. */
export interface NetworkRows {
  readonly count: number;
  /** [count × steps × width] */
  readonly sequences: Float32Array;
  /** [count × 2 × 24 × references] */
  readonly references: Float32Array;
  /** [count × 48], NaN where not known. */
  readonly targets: Float32Array;
}

/** Reads rows [steps × width] into [steps × rows × width]. */
function stepMajor(
  { steps, width }: NetworkSize,
  { sequences }: NetworkRows,
  chosen: readonly number[],
): GraphInput {
  const data = new Float32Array(chosen.length * steps * width);
  chosen.forEach((r, b) => {
    for (let s = 0; s < steps; s++) {
      const from = (r * steps + s) * width;
      data.set(sequences.subarray(from, from + width), (s * chosen.length + b) * width);
    }
  });
  return { data, shape: [steps * chosen.length, width] };
}

/** Reads rows [2 × 24 × references] into [rows × 2 × references × 24]. */
function byReference(
  { references: count }: NetworkSize,
  { references }: NetworkRows,
  chosen: readonly number[],
) {
  const perRow = HORIZON_HOURS * count;
  const data = new Float32Array(chosen.length * perRow);
  chosen.forEach((r, b) => {
    for (let i = 0; i < perRow; i++) {
      const hour = Math.floor(i / count);
      const half = Math.floor(hour / HALF_HOURS);
      const to = (half * count + (i % count)) * HALF_HOURS + (hour % HALF_HOURS);
      data[b * perRow + to] = references[r * perRow + i] as number;
    }
  });
  return { data, shape: [chosen.length, HALVES, count, HALF_HOURS] };
}

/** Targets, and weights that make a mean over the known ones. */
function targetsOf({ targets }: NetworkRows, chosen: readonly number[]) {
  const data = new Float32Array(chosen.length * HORIZON_HOURS);
  chosen.forEach((r, b) => {
    data.set(targets.subarray(r * HORIZON_HOURS, (r + 1) * HORIZON_HOURS), b * HORIZON_HOURS);
  });
  const known = data.reduce((n, y) => n + Number(!Number.isNaN(y)), 0);
  const weights = data.map((y) => (Number.isNaN(y) ? 0 : 1 / known));
  const shape = [chosen.length, HORIZON_HOURS];
  return {
    targets: { data: data.map((y) => (Number.isNaN(y) ? 0 : y)), shape },
    weights: { data: weights, shape },
  };
}

/** Which hidden units are kept, scaled so that their mean stays (Srivastava et al. 2014). */
const keptUnits = (rows: number, { units }: NetworkSize, keep: () => number): GraphInput => ({
  data: Float32Array.from({ length: rows * units }, keep),
  shape: [rows, units],
});

/** All inputs of a training graph but the network's arrays. */
export const batchOf = (
  size: NetworkSize,
  rows: NetworkRows,
  chosen: readonly number[],
  keep: () => number,
): Record<string, GraphInput> => ({
  sequences: stepMajor(size, rows, chosen),
  references: byReference(size, rows, chosen),
  ...targetsOf(rows, chosen),
  kept: keptUnits(chosen.length, size, keep),
});

/** The network's arrays as inputs of a graph. */
export function parameterInputs(size: NetworkSize, parameters: Parameters): Record<string, GraphInput> {
  const shapes = shapesOf(size);
  return Object.fromEntries(
    PARAMETER_NAMES.map((name) => [name, { data: parameters[name], shape: shapes[name] }]),
  );
}
