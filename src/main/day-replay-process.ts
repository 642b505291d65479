import { serveReplay } from '../adapters/child-process/serve-replay.ts';
import { createModelLoader } from '../adapters/onnxruntime/model-loader.ts';
import { replayDay } from '../forecasting/replay-day.ts';

/** Entry of a process that replays the one day of a site that its parent sends, and ends. */

const loadModel = createModelLoader();

serveReplay((request) => replayDay(request, loadModel));
