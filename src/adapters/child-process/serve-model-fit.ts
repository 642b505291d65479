import type { FitAnswer, FitModel } from '../../forecasting/fit-model.ts';
import { type FitProgress, receivedRows, type SentFit } from './model-fitter.ts';
import { serveOrder } from './serve-order.ts';

/** Makes this process one that fits the one model its parent sends, and ends. */
export const serveModelFit = (fitModel: FitModel): void =>
  serveOrder<SentFit, FitProgress, FitAnswer>({
    async perform({ rows, ...order }, { onProgress, signal }) {
      const received = { ...order, rows: receivedRows(rows) };
      const hooks = { signal, onProgress: (share: number, loss?: number) => onProgress({ share, loss }) };
      const { states } = await fitModel(received, hooks);
      const { user, system } = process.cpuUsage();
      return { states, cpuSeconds: (user + system) / 1e6, elsewhere: true };
    },
    // Whatever a model throws costs the job that model alone, so no error is worth another try.
    refusalCode: () => 'model-not-fitted',
  });
