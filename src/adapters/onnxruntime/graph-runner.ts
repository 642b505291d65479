import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { OpenGraph } from '../../forecasting/graph-runner.ts';

/**
 * One thread, so that sums are added in the same order on every run. Graphs are run thousands of times with the
 * same shapes, so the arena pays here; training has a process of its own, which gives it back.
 */
const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 4,
};

const floatsOf = (name: string, value: Tensor | undefined): Float32Array => {
  if (value?.data instanceof Float32Array) return value.data;
  throw new TypeError(`the graph answered no float32 values as ${name}`);
};

/**
 * Runs training graphs with ONNX Runtime, which is loaded with the first of them: most models have none. `run` blocks
 * its thread while the graph runs.
 */
export const createGraphRunner = (): OpenGraph => async (bytes) => {
  const runtime = await import('./runtime.ts');
  const session = await runtime.InferenceSession.create(bytes, SESSION_OPTIONS);
  return {
    async run(inputs) {
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, { data, shape }]) => [
          name,
          new runtime.Tensor('float32', data, shape),
        ]),
      );
      const results = await session.run(feeds);
      return Object.fromEntries(session.outputNames.map((name) => [name, floatsOf(name, results[name])]));
    },
    close: () => session.release(),
  };
};
