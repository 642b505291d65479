import { serveProof } from '../adapters/child-process/serve-proof.ts';
import { createModelLoader } from '../adapters/onnxruntime/model-loader.ts';
import { proveModelFile } from '../forecasting/prove-model.ts';

/** Entry of a proof process: tries the one model that its parent sends, and ends. */

const tools = {
  loadModel: createModelLoader(),
  residentMb: () => process.memoryUsage.rss() / 2 ** 20,
};

serveProof((order) => proveModelFile(order, tools));
