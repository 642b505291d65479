import { homedir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { createProcessTrainer } from '../adapters/child-process/trainer.ts';
import { createModelLoader } from '../adapters/onnxruntime/model-loader.ts';
import type { LoadModel } from '../forecasting/inference.ts';
import type { Trainer } from '../ports/trainer.ts';

/** What it takes to train and run models on this machine, with no server at all. */
export interface Workbench {
  /** Trains in processes of their own; see `Trainer`. */
  readonly train: Trainer['train'];
  readonly loadModel: LoadModel;
  /** Ends what still trains. */
  close(): Promise<void>;
}

/** Opens a workbench; `logLevel` is that of what child processes say, on standard error. */
export function openWorkbench(logLevel: string): Workbench {
  const logger = pino({ level: logLevel }, pino.destination({ dest: 2, sync: true }));
  const trainer = createProcessTrainer({
    entry: new URL('./training-process.ts', import.meta.url),
    logger,
    compileCache: join(homedir(), '.cache', 'lifo4-ml', 'compiled'),
  });
  return { train: trainer.train, loadModel: createModelLoader(), close: () => trainer.close() };
}
