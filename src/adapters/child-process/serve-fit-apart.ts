import type { FittedApart } from '../../forecasting/fit-apart.ts';
import { CannotTrain } from '../../forecasting/refusal.ts';
import type { ModelFitRequest, TrainingProgress } from '../../ports/trainer.ts';
import { encodeFitted } from './fitted-state.ts';
import { type Service, serveOrder } from './serve-order.ts';

/** Fits the one model. Throws `CannotTrain` when trying again would give the same. */
type Fit = Service<ModelFitRequest, TrainingProgress, FittedApart>['perform'];

/** The model's time is all that its process took, in which the fit is in with starting and preparing the rows. */
function withAllTime(fitted: FittedApart): FittedApart {
  const { user, system } = process.cpuUsage();
  const { fit, refit } = fitted;
  const afterwards = 'reason' in refit ? 0 : refit.cpuSeconds;
  return 'reason' in fit
    ? fitted
    : { ...fitted, fit: { ...fit, cpuSeconds: (user + system) / 1e6 - afterwards } };
}

/** Makes this process one that fits the one model of a training its parent sends, and ends. */
export const serveFitApart = (fitOne: Fit): void =>
  serveOrder<ModelFitRequest, TrainingProgress, Uint8Array>({
    async perform(request, options) {
      const fitted = await fitOne(request, options);
      if ('reason' in fitted.fit) throw new CannotTrain('model-not-fitted', fitted.fit.reason);
      return encodeFitted(withAllTime(fitted), `${request.systemId} ${request.seed}`);
    },
    refusalCode: (error) => (error instanceof CannotTrain ? error.code : null),
  });
