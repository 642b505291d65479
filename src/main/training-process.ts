import { serveTraining } from '../adapters/child-process/serve-training.ts';
import { createGraphRunner } from '../adapters/onnxruntime/graph-runner.ts';
import { createModelLoader } from '../adapters/onnxruntime/model-loader.ts';
import { trainSite } from '../forecasting/train-site.ts';

/** Entry of a training process: trains the one site that its parent sends, and ends. */

const loadModel = createModelLoader();
const openGraph = createGraphRunner();

serveTraining((request, options) => trainSite(request, { ...options, loadModel, openGraph }));
