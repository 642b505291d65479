import { serveModelFit } from '../../src/adapters/child-process/serve-model-fit.ts';
import { createGraphRunner } from '../../src/adapters/onnxruntime/graph-runner.ts';
import { fitHere } from '../../src/forecasting/fit-model.ts';
import type { MemberName } from '../../src/forecasting/models/member.ts';

/** A real process for a model that fits it, or does by the order's seed what a model may do wrong. */

const DIES = 13;
const SPINS = 14;

const fitModel = fitHere(createGraphRunner());

const endings: Partial<Record<MemberName, () => void>> = {
  lstm: () => process.kill(process.pid, 'SIGKILL'),
  xgboost: () => process.abort(),
  prophet: () => {
    const kept: Uint8Array[] = [];
    for (;;) kept.push(new Uint8Array(2 ** 20).fill(1));
  },
};

serveModelFit(async (order, hooks) => {
  if (order.seed === DIES) endings[order.model]?.();
  if (order.seed === SPINS) {
    hooks.onProgress(process.pid);
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (;;) Math.random();
  }
  return fitModel(order, hooks);
});
