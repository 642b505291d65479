import type { InferenceSession as Session } from 'onnxruntime-node';
import type { OUTPUT_NAMES } from '../../forecasting/horizon.ts';
import {
  type LoadModel,
  type ModelOutputs,
  type ModelSession,
  UnusableModel,
} from '../../forecasting/inference.ts';
import { inspectModel } from '../../forecasting/inspect-model.ts';
import { INPUT_NAME, OUTPUT_SIZES } from '../../forecasting/onnx/signature.ts';
import { InferenceSession, Tensor } from './runtime.ts';

export interface ModelLoaderOptions {
  /** Largest file that is taken, in bytes; 100 MB by default. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 100 * 1024 * 1024;

/**
 * One thread, since a device has other work and a forecast takes under a millisecond; no arena, since it would
 * keep the memory of the largest batch for good. Beyond the basic, optimisations find nothing in these graphs and
 * take a fifth of the time that loading does.
 */
const SESSION_OPTIONS: Session.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'basic',
  enableCpuMemArena: false,
  enableMemPattern: false,
  logSeverityLevel: 4,
};

/**
 * Loads artifacts with ONNX Runtime, from bytes alone: the file's structure is judged before the runtime sees it.
 * `run` blocks its thread while the graph runs, so large batches belong in a process of their own.
 */
export const createModelLoader =
  ({ maxBytes = DEFAULT_MAX_BYTES }: ModelLoaderOptions = {}): LoadModel =>
  async (bytes) => {
    if (bytes.length > maxBytes)
      throw new UnusableModel(
        `the file has ${bytes.length} bytes, more than the ${maxBytes} that are allowed`,
      );
    const { metadata, width } = inspectModel(bytes);
    return openSession(await createSession(bytes), metadata, width);
  };

const createSession = async (bytes: Uint8Array): Promise<Session> => {
  try {
    return await InferenceSession.create(bytes, SESSION_OPTIONS);
  } catch (error) {
    throw new UnusableModel(`ONNX Runtime cannot load the model: ${messageOf(error)}`, { cause: error });
  }
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const openSession = (
  session: Session,
  metadata: Readonly<Record<string, string>>,
  width: number,
): ModelSession => {
  let closed = false;
  return {
    metadata,
    async run(inputs, rows) {
      if (closed) throw new Error('the model session is closed');
      if (!Number.isInteger(rows) || rows < 1 || inputs.length !== rows * width) {
        throw new RangeError(
          `${rows} rows of ${width} features hold ${rows * width} values, not ${inputs.length}`,
        );
      }
      const results = await session.run({ [INPUT_NAME]: new Tensor('float32', inputs, [rows, width]) });
      return outputsOf(results, rows);
    },
    async close() {
      if (closed) return;
      closed = true;
      await session.release();
    },
  };
};

const outputsOf = (results: Session.ReturnType, rows: number): ModelOutputs => {
  const valuesOf = (name: (typeof OUTPUT_NAMES)[number]): Float32Array => {
    const values = results[name]?.data;
    const wanted = OUTPUT_SIZES[name].reduce((product, size) => product * size, rows);
    if (!(values instanceof Float32Array) || values.length !== wanted) {
      throw new UnusableModel(`the model answered ${values?.length ?? 0} values of ${name} for ${rows} rows`);
    }
    return values;
  };
  return {
    forecast: valuesOf('forecast'),
    lower: valuesOf('lower'),
    upper: valuesOf('upper'),
    peakProbability: valuesOf('peak_probability'),
    quantiles: valuesOf('quantiles'),
  };
};
