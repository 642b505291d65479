import { serveTraining } from '../adapters/child-process/serve-training.ts';
import { createModelLoader } from '../adapters/onnxruntime/model-loader.ts';
import { trainSite } from '../forecasting/train-site.ts';

/** Entry of the process that trains one site; the trainer starts it. */
const loadModel = createModelLoader();
serveTraining((request, options) => trainSite(request, { ...options, loadModel }));
