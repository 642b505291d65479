import { deserialize, serialize } from 'node:v8';
import { type FittedApart, withFitted } from '../../forecasting/fit-apart.ts';
import type { FitModel } from '../../forecasting/fit-model.ts';
import type { FittedModel } from '../../ports/trainer.ts';

interface Kept {
  /** Tells equal states of two trainings apart, so that one can be removed without the other. */
  readonly training: string;
  readonly fitted: FittedApart;
}

/** What a model learnt, as bytes: it is numbers, text and typed arrays throughout. */
export const encodeFitted = (fitted: FittedApart, training: string): Uint8Array =>
  serialize({ training, fitted } satisfies Kept);

function decodeFitted(model: FittedModel): FittedApart {
  if ('state' in model) return (deserialize(model.state) as Kept).fitted;
  const failed = { reason: model.reason };
  return { model: model.model, fit: failed, refit: failed };
}

/** Answers for the models that were fitted apart, and asks `others` for the rest. */
export const withFittedModels = (fitted: readonly FittedModel[], others: FitModel): FitModel =>
  withFitted(fitted.map(decodeFitted), others);
