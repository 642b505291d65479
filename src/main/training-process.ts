import { serveTraining } from '../adapters/child-process/serve-training.ts';
import { createModelLoader } from '../adapters/onnxruntime/model-loader.ts';
import { trainSite } from '../forecasting/train-site.ts';

/** Entry of a training process: trains the one site that its parent sends, and ends. */

const loadModel = createModelLoader();

serveTraining((request, options) => trainSite(request, { ...options, loadModel }));
