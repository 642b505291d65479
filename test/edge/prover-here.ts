import { createModelLoader } from '../../src/adapters/onnxruntime/model-loader.ts';
import { UnusableModel } from '../../src/forecasting/inference.ts';
import { proveModelFile } from '../../src/forecasting/prove-model.ts';
import { type ModelProver, ProofFailed } from '../../src/ports/model-prover.ts';

const tools = { loadModel: createModelLoader(), residentMb: () => 0 };

/** Holds proofs in this process: the same verdicts as a process of its own, which takes longer to start. */
export const proverHere: ModelProver = {
  prove: (order) =>
    proveModelFile(order, tools).catch((error: unknown) => {
      throw error instanceof UnusableModel ? new ProofFailed(error.message) : error;
    }),
  close: async () => undefined,
};
