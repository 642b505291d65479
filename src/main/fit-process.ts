import { serveFitApart } from '../adapters/child-process/serve-fit-apart.ts';
import { createGraphRunner } from '../adapters/onnxruntime/graph-runner.ts';
import { fitApart } from '../forecasting/fit-apart.ts';
import { fitHere } from '../forecasting/fit-model.ts';

/** Entry of a process that fits one model of a training that another process, anywhere, will finish. */

const openGraph = createGraphRunner();

serveFitApart((request, options) =>
  fitApart(request, { ...options, openGraph, fitModel: fitHere(openGraph) }),
);
