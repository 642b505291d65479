import { setTimeout as pause } from 'node:timers/promises';
import type { EffectRun } from '../../actors/effect-handler.ts';
import { ArtifactCorrupt, ArtifactMissing } from '../../ports/artifact-store.ts';
import type { LeasedEffect } from '../../ports/effect-queue.ts';
import type { FittedModel, TrainingProgress } from '../../ports/trainer.ts';
import type { Sharing, TrainingDependencies } from '../dependencies.ts';
import { type FitInputs, type SharedFits, type Standing, sharedFitsOf } from './shared-fits.ts';

/** In this time a node with nothing to do has taken a fit: it is woken at once. */
const NOTICE_MS = 400;
const LOOK_MS = 200;

/** Runs fits in the place of the effect that asks for them, each once at a time. */
function fitsHere({ signal, alongside, logger }: EffectRun, atOnce: number) {
  const running = new Map<string, Promise<void>>();

  async function attempt(key: string): Promise<void> {
    try {
      if (await alongside(key)) return;
    } catch (err) {
      logger.warn({ err, fit: key }, 'could not take a fit');
    }
    // Another node was quicker, or it is not due yet after a failure.
    await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }

  return {
    running: (): boolean => running.size > 0,
    has: (key: string): boolean => running.has(key),
    begin(free: readonly string[]): void {
      const chosen = free.filter((key) => !running.has(key)).slice(0, atOnce - running.size);
      for (const key of chosen) {
        const done = attempt(key).then(() => void running.delete(key));
        running.set(key, done);
      }
    },
    /** Resolves when one ends, or soon. Rejects when the effect is interrupted. */
    change: () => Promise.race([...running.values(), pause(LOOK_MS, undefined, { signal })]),
    end: () => Promise.all(running.values()),
  };
}

/** Fits what no other node takes until every outcome is known; null when nobody will ever do one. */
async function finish(
  fits: SharedFits,
  run: EffectRun,
  atOnce: number,
): Promise<Standing['outcomes'] | null> {
  const here = fitsHere(run, atOnce);
  try {
    for (;;) {
      const { outcomes, free, lost } = await fits.look();
      if (outcomes.size === fits.keys.length && !here.running()) return outcomes;
      if (lost.some((key) => !here.has(key))) return null;
      here.begin(free);
      await here.change();
    }
  } finally {
    await here.end();
  }
}

/** Whether another node has taken one of the fits, which are withdrawn otherwise. */
async function areWanted(fits: SharedFits, { signal }: EffectRun): Promise<boolean> {
  await pause(NOTICE_MS, undefined, { signal });
  const { isBegun } = await fits.look();
  if (!isBegun) await fits.withdraw();
  return isBegun;
}

/** What the models learnt; nothing when what one of them learnt is lost. */
async function learnt(fits: SharedFits, run: EffectRun, atOnce: number): Promise<readonly FittedModel[]> {
  try {
    const outcomes = await finish(fits, run, atOnce);
    return outcomes === null ? [] : await fits.collect(outcomes);
  } catch (err) {
    if (!(err instanceof ArtifactMissing || err instanceof ArtifactCorrupt)) throw err;
    run.logger.warn({ err }, 'what a model learnt is lost: the training fits its models itself');
    return [];
  }
}

type ShareFits = (
  effect: LeasedEffect,
  inputs: FitInputs,
  run: EffectRun,
  report: (step: TrainingProgress) => void,
) => Promise<readonly FittedModel[]>;

/**
 * Has the costly models of a job fitted by whichever nodes have room, this one among them, and answers what they
 * learnt; nothing when no other node wants any, or when what one learnt is lost: the training then fits them itself.
 */
export function shareFits(cloud: TrainingDependencies, sharing: Sharing): ShareFits {
  const { offers, atOnce } = sharing;
  return async (effect, inputs, run, report) => {
    if (offers === 'never') return [];
    const fits = sharedFitsOf(cloud, sharing, effect, inputs, report);
    await fits.offer();
    const isShared = offers === 'always' || (await areWanted(fits, run));
    return isShared ? learnt(fits, run, atOnce) : [];
  };
}
