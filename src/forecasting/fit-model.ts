import { cpuWatch } from './cpu-watch.ts';
import type { OpenGraph } from './graph-runner.ts';
import type { LinearState } from './models/linear.ts';
import type { MemberName, TrainingRows } from './models/member.ts';
import { fitMember, type MemberStates } from './models/members.ts';

/** One model to be fitted to rows. */
export interface FitOrder {
  readonly model: MemberName;
  readonly rows: TrainingRows;
  readonly seed: number;
  /** The linear model of the same rows, which others build on; null where it is not known. */
  readonly base: LinearState | null;
  /** What was learnt from fewer of the rows before, by model. */
  readonly earlier: MemberStates;
}

export interface FitAnswer {
  /** What the ordered model learnt. */
  readonly states: MemberStates;
  readonly cpuSeconds: number;
  /** Whether another process used that time. */
  readonly elsewhere: boolean;
}

export interface FitHooks {
  /** Share from 0 to 1, and the loss where the model has one. */
  readonly onProgress: (share: number, loss?: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Fits a model somewhere: here, in a process of its own, on another host. The same order gives the same states
 * wherever it is done. Rejects when the model cannot be fitted, which costs the job that model alone, or with the
 * signal's reason.
 */
export type FitModel = (order: FitOrder, hooks: FitHooks) => Promise<FitAnswer>;

/** Lets what else the process does, cancellation among it, have its turn. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Fits models in this process, one after the other in the order in which they are asked for. */
export function fitHere(openGraph: OpenGraph): FitModel {
  let last: Promise<unknown> = Promise.resolve();

  async function perform(order: FitOrder, { onProgress, signal }: FitHooks): Promise<FitAnswer> {
    await breathe();
    signal.throwIfAborted();
    onProgress(0);
    const { model, rows, seed, base, earlier } = order;
    const watch = cpuWatch();
    const options = { seed, base, earlier: earlier[model] ?? null, openGraph, onProgress, signal };
    const state = await fitMember(model, rows, options);
    return { states: { [model]: state }, cpuSeconds: watch.seconds(), elsewhere: false };
  }

  return (order, hooks) => {
    const next = last.then(() => perform(order, hooks));
    last = next.catch(() => undefined);
    return next;
  };
}
