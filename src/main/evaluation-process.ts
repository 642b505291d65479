import { serveEvaluation } from '../adapters/child-process/serve-evaluation.ts';
import { createModelLoader } from '../adapters/onnxruntime/model-loader.ts';
import { evaluateReadings } from '../forecasting/evaluate-readings.ts';

/** Entry of an evaluation process: evaluates the one artifact that its parent sends, and ends. */

const loadModel = createModelLoader();

serveEvaluation((request, run) => evaluateReadings(request, { loadModel, ...run }));
