import type { Booster } from '../models/xgboost/booster.ts';
import type { LstmWeights } from './recurrent.ts';

/**
 * The operations that features, models and the ensemble are written in. A computation written once against
 * this interface runs on numbers for training and judging ({@link ./numeric.ts}) and writes itself into the
 * artifact's graph ({@link ./graph.ts}), so that the two cannot drift apart.
 *
 * Every value is float32 with the rows (N) as its first axis, or a constant. Elementwise operations follow
 * numpy's broadcasting and round once, and `sum` and `sums` add in float64, which makes them equal bit for bit in
 * both worlds; `total` and `matmul` add in float32 and in any order there, at a third of the cost, so what trees
 * compare must not depend on one, unless all its terms are whole numbers or all but one are zero.
 */
export interface Algebra<T> {
  constant(values: ArrayLike<number>, shape: readonly number[]): T;
  /** The shape; the first axis of anything that depends on the input is the number of rows, or -1 in a graph. */
  shapeOf(x: T): readonly number[];
  /** [N, …] to [N, ...trailing]. */
  reshape(x: T, trailing: readonly number[]): T;
  /** Entries of the last axis, in the order of `indices`. */
  take(x: T, indices: readonly number[]): T;
  /** [N, r, c] to [N, indices, c]: whole rows, which a graph copies ten times as quickly as single values. */
  takeRows(x: T, indices: readonly number[]): T;
  /** Swaps the last two axes. */
  transpose(x: T): T;
  /** Joins on the last axis. */
  concat(xs: readonly T[]): T;
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  max(a: T, b: T): T;
  min(a: T, b: T): T;
  abs(x: T): T;
  /** 1 where a < b, otherwise 0; 0 where either is NaN. */
  less(a: T, b: T): T;
  /** 1 where a = b, otherwise 0: of numbers that are counted, not computed. */
  equal(a: T, b: T): T;
  /** `a` where `condition` is not 0, otherwise `b`. */
  where(condition: T, a: T, b: T): T;
  /** [..., k] by a constant [k, m]. */
  matmul(x: T, constant: T): T;
  /** Sum over one axis in float64, which stays with length 1. */
  sum(x: T, axis: number): T;
  /** The same in float32 and in any order. */
  total(x: T, axis: number): T;
  /** [..., k] by a constant [k, m] of zeros and ones, in float64: a sum over the chosen entries for each column. */
  sums(x: T, chosen: T): T;
  /** Largest over one axis, which stays with length 1. */
  largest(x: T, axis: number): T;
  /**
   * Over the columns of `values` [N, h, k], each counting as much as `counted` [N, h, k] says or, when that is null,
   * one: how often each hour is the highest of its day; hours that share the highest share the win. `days` [N, h, d]
   * says which hours are of which day, 1 or 0; an hour of the first one must reach `atLeast` [N, 1, 1] too. [N, h, 1]
   */
  wins(days: T, values: T, chosen: { readonly atLeast: T | null; readonly counted: T | null }): T;
  /**
   * The same computation, [N, k] to [N, m], of each of some inputs. A graph holds it once and runs it on all of them
   * as one batch; in a program each is worked out by itself, and only where something reads it.
   */
  each(inputs: readonly T[], compute: (input: T) => T): readonly T[];
  /** [rows, features] through boosted trees to [rows, 1]. */
  trees(x: T, booster: Booster): T;
  /** Sequences [N, steps, width] through an LSTM to its last hidden state [N, units]; equal within 1e-5 in both worlds. */
  lstm(x: T, weights: LstmWeights): T;
}

/** A constant scalar that broadcasts with anything. */
export const scalar = <T>(g: Algebra<T>, value: number): T => g.constant([value], [1]);

/** Entries `from` up to but not `to` of the last axis. */
export function span<T>(g: Algebra<T>, x: T, from: number, to: number): T {
  return g.take(
    x,
    Array.from({ length: to - from }, (_, i) => from + i),
  );
}

/** Mean over the last axis, which stays with length 1; added in float32 and in any order. */
export function mean<T>(g: Algebra<T>, x: T): T {
  const shape = g.shapeOf(x);
  return g.mul(g.total(x, shape.length - 1), scalar(g, 1 / (shape.at(-1) ?? 1)));
}
