import type { BinnedMatrix } from './bins.ts';
import type { Tree } from './booster.ts';
import {
  buildHistogram,
  type Gradients,
  type Histogram,
  type HistogramPool,
  subtractHistogram,
} from './histogram.ts';
import type { BoosterParameters } from './parameters.ts';
import { findSplit, type NodeSums, nodeWeight, type Split } from './split.ts';

/** All that growing a tree needs besides its rows. */
export interface GrowContext {
  readonly binned: BinnedMatrix;
  readonly gradients: Gradients;
  readonly parameters: BoosterParameters;
  readonly pool: HistogramPool;
  /** Room for as many row numbers as there are rows. */
  readonly scratch: Uint32Array;
}

/** A tree under construction: its node and the rows of the tree's order that fall into it. */
interface Node extends NodeSums {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  histogram: Histogram | null;
  split: Split | null;
  left: number;
  right: number;
}

interface Growth extends GrowContext {
  readonly order: Uint32Array;
  readonly chosen: Uint32Array;
  readonly nodes: Node[];
  leaves: number;
}

export interface GrownTree {
  readonly tree: Tree;
  /** For each split the last slot that goes left, so that binned rows can be routed. */
  readonly lastLeft: Uint32Array;
  /** The training rows of each leaf. */
  readonly leaves: readonly { readonly node: number; readonly rows: Uint32Array }[];
}

/** Grows one tree level by level on the rows in `order`, which it rearranges. Leaf values carry the shrinkage. */
export const growTree = (context: GrowContext, order: Uint32Array, chosen: Uint32Array): GrownTree => {
  const { maxDepth } = context.parameters;
  const growth: Growth = { ...context, order, chosen, nodes: [], leaves: 1 };
  let level = [addRoot(growth)];
  for (let depth = 1; depth <= maxDepth && level.length > 0; depth += 1) {
    level = level.flatMap((node) => growNode(growth, node, depth < maxDepth));
  }
  for (const node of level) if (node.histogram) context.pool.give(node.histogram);
  return finish(growth);
};

/** Splits a node where that pays and answers its children, with histograms when they may be split in turn. */
const growNode = (growth: Growth, node: Node, childrenMaySplit: boolean): readonly Node[] => {
  const { parameters, pool } = growth;
  const open = parameters.maxLeaves === 0 || growth.leaves < parameters.maxLeaves;
  const children = open ? expand(growth, node) : [];
  growth.leaves += children.length / 2;
  if (childrenMaySplit) shareHistograms(growth, node, children);
  if (node.histogram) pool.give(node.histogram);
  node.histogram = null;
  return children;
};

const addNode = (nodes: Node[], start: number, end: number, gradient: number, hessian: number): Node => {
  const id = nodes.length;
  const node = { id, start, end, gradient, hessian, histogram: null, split: null, left: -1, right: -1 };
  nodes.push(node);
  return node;
};

const addRoot = ({ binned, gradients, pool, nodes, order, chosen }: Growth): Node => {
  let gradient = 0;
  let hessian = 0;
  for (const row of order) {
    gradient += gradients.gradient[row] as number;
    hessian += gradients.hessian[row] as number;
  }
  const root = addNode(nodes, 0, order.length, gradient, hessian);
  root.histogram = pool.take();
  buildHistogram(binned, gradients, chosen, order, root.histogram);
  return root;
};

/** Splits a node when that gains enough; answers its two children or none. */
const expand = (growth: Growth, node: Node): readonly Node[] => {
  const { binned, nodes, chosen, parameters } = growth;
  if (!node.histogram) return [];
  const split = findSplit(binned, node.histogram, chosen, node, parameters);
  if (!split) return [];
  const middle = partition(growth, node, split);
  const { leftGradient, leftHessian } = split;
  const rightGradient = node.gradient - leftGradient;
  const rightHessian = node.hessian - leftHessian;
  const left = addNode(nodes, node.start, middle, leftGradient, leftHessian);
  const right = addNode(nodes, middle, node.end, rightGradient, rightHessian);
  node.split = split;
  node.left = left.id;
  node.right = right.id;
  return [left, right];
};

/** Moves the rows that go left before those that go right, each side in its old order; answers the border. */
const partition = ({ binned, scratch, order }: Growth, node: Node, split: Split): number => {
  const { slotOf, columns, firstSlot } = binned;
  const { column, defaultLeft } = split;
  const cut = (firstSlot[column] as number) + split.cut;
  const missing = defaultLeft ? (firstSlot[column + 1] as number) - 1 : -1;
  let left = node.start;
  let right = 0;
  for (let i = node.start; i < node.end; i += 1) {
    const row = order[i] as number;
    const slot = slotOf[row * columns + column] as number;
    if (slot <= cut || slot === missing) {
      order[left] = row;
      left += 1;
    } else {
      scratch[right] = row;
      right += 1;
    }
  }
  order.set(scratch.subarray(0, right), left);
  return left;
};

/** Gives both children their histogram: the smaller one is summed, the larger one is what remains of the parent. */
const shareHistograms = (growth: Growth, parent: Node, [left, right]: readonly Node[]): void => {
  const { binned, gradients, pool, order, chosen } = growth;
  if (!left || !right || !parent.histogram) return;
  const leftIsSmaller = left.end - left.start <= right.end - right.start;
  const [smaller, larger] = leftIsSmaller ? [left, right] : [right, left];
  smaller.histogram = pool.take();
  buildHistogram(binned, gradients, chosen, order.subarray(smaller.start, smaller.end), smaller.histogram);
  subtractHistogram(parent.histogram, smaller.histogram);
  larger.histogram = parent.histogram;
  parent.histogram = null;
};

const finish = ({ binned, parameters, nodes, order }: Growth): GrownTree => {
  const weight = Float32Array.from(nodes, (node) => nodeWeight(node, parameters));
  const threshold = (node: Node): number =>
    node.split
      ? (binned.cuts[node.split.column]?.[node.split.cut] ?? 0)
      : parameters.learningRate * (weight[node.id] ?? 0);
  const tree: Tree = {
    left: Int32Array.from(nodes, (node) => node.left),
    right: Int32Array.from(nodes, (node) => node.right),
    feature: Int32Array.from(nodes, (node) => node.split?.column ?? 0),
    threshold: Float32Array.from(nodes, threshold),
    defaultLeft: Uint8Array.from(nodes, (node) => (node.split?.defaultLeft ? 1 : 0)),
    gain: Float32Array.from(nodes, (node) => node.split?.gain ?? 0),
    hessian: Float32Array.from(nodes, (node) => node.hessian),
    weight,
  };
  const leaves = nodes
    .filter((node) => !node.split)
    .map((node) => ({ node: node.id, rows: order.subarray(node.start, node.end) }));
  const lastLeft = ({ split }: Node): number =>
    split ? (binned.firstSlot[split.column] as number) + split.cut : 0;
  return { tree, lastLeft: Uint32Array.from(nodes, lastLeft), leaves };
};
