import { serveModelFit } from '../adapters/child-process/serve-model-fit.ts';
import { createGraphRunner } from '../adapters/onnxruntime/graph-runner.ts';
import { fitHere } from '../forecasting/fit-model.ts';

/** Entry of a model's process: fits the one model that the training process sends, and ends. */

serveModelFit(fitHere(createGraphRunner()));
