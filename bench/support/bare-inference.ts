import { readFile } from 'node:fs/promises';
import type { InferenceSession as Session } from 'onnxruntime-node';
import { InferenceSession, Tensor } from '../../src/adapters/onnxruntime/runtime.ts';
import { settledRssMb } from './resident.ts';

/** A process with nothing but ONNX Runtime and a model: `node --expose-gc bare-inference.ts FILE WIDTH RUNS`. */

const [file = '', width = '1', runs = '0'] = process.argv.slice(2);
const columns = Number(width);
/** As a device loads its model. */
const options: Session.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  enableCpuMemArena: false,
  enableMemPattern: false,
};
const session = await InferenceSession.create(await readFile(file), options);
for (let i = 0; i < Number(runs); i++) {
  await session.run({ input: new Tensor('float32', new Float32Array(columns).fill(1), [1, columns]) });
}
process.stdout.write(JSON.stringify({ rssMb: settledRssMb() }));
