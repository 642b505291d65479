import pino from 'pino';
import { withFittedModels } from '../adapters/child-process/fitted-state.ts';
import { createModelFitter } from '../adapters/child-process/model-fitter.ts';
import { serveTraining } from '../adapters/child-process/serve-training.ts';
import { modelLimits } from '../adapters/child-process/variables.ts';
import { createGraphRunner } from '../adapters/onnxruntime/graph-runner.ts';
import { createModelLoader } from '../adapters/onnxruntime/model-loader.ts';
import { fitHere } from '../forecasting/fit-model.ts';
import { trainSite } from '../forecasting/train-site.ts';

/** Entry of a training process: trains the one site that its parent sends, each model in a process, and ends. */

const STDERR = 2;
const logger = pino({ level: 'warn' }, pino.destination({ dest: STDERR, sync: true }));
const loadModel = createModelLoader();
const openGraph = createGraphRunner();
const entry = new URL('./model-process.ts', import.meta.url);

serveTraining((request, options) => {
  const { systemId } = request;
  const here = fitHere(openGraph);
  const fitter = createModelFitter({ systemId, entry, logger, here, ...modelLimits(process.env) });
  const fitModel = withFittedModels(request.fitted ?? [], fitter);
  return trainSite(request, { ...options, loadModel, openGraph, fitModel });
});
