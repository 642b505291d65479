import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InferenceSession, Tensor } from '../../adapters/onnxruntime/runtime.ts';
import { type Booster, predict } from '../models/xgboost/booster.ts';
import { fromXgboostJson } from '../models/xgboost/model-json-reader.ts';
import { createRandom } from '../models/xgboost/random.ts';
import { trainBooster } from '../models/xgboost/train.ts';
import { createGraph } from './graph.ts';
import { addTreeEnsemble } from './tree-ensemble.ts';

const random = createRandom(3);
const columns = 4;
const rows = 1000;
/** Whole numbers meet thresholds exactly; every sixth value is missing. */
const data = Float32Array.from({ length: rows * columns }, (_, i) => {
  if (random() < 1 / 6) return Number.NaN;
  return i % 2 === 0 ? Math.floor(random() * 12) : random() * 50;
});
const target = Float32Array.from({ length: rows }, (_, row) => {
  const first = data[row * columns] as number;
  return (Number.isNaN(first) ? 900 : 100 * Math.sin(first) + 500) + random() * 20;
});

const runGraph = async (booster: Booster, features = data): Promise<Float32Array> => {
  const graph = createGraph({ name: 'trees', producerName: 'lifo4-ml', producerVersion: '0.1.0' });
  const input = graph.input('input', 'float32', ['R', booster.columns]);
  graph.output('forecast', addTreeEnsemble(graph, booster, input), 'float32', ['R', 1]);
  const session = await InferenceSession.create(graph.encode(), { intraOpNumThreads: 1 });
  const { forecast } = await session.run({
    input: new Tensor('float32', features, [features.length / booster.columns, booster.columns]),
  });
  await session.release();
  return forecast?.data as Float32Array;
};

describe('a booster as a graph', () => {
  it.each([
    ['of many trees', { rounds: 80, maxDepth: 6 }],
    ['of median trees', { rounds: 20, objective: { name: 'absolute-error' } as const }],
    ['of single leaves', { rounds: 3, minChildWeight: 1e9 }],
    ['without trees', { rounds: 0 }],
  ])('%s predicts what the booster predicts', async (_, parameters) => {
    const booster = trainBooster({ data, rows, columns }, target, parameters);
    const ours = predict(booster, data, rows, columns);
    const theirs = await runGraph(booster);
    ours.forEach((value, row) => {
      expect(Math.abs(value - (theirs[row] ?? Number.NaN))).toBeLessThan(1e-5 * Math.abs(value));
    });
  });

  it('from the real library predicts what the real library predicted', async () => {
    const fixture = new URL('../models/xgboost/fixtures/models.json', import.meta.url);
    const { features, models } = JSON.parse(readFileSync(fixture, 'utf8'));
    const known = Float32Array.from(features as (number | null)[], (value) => value ?? Number.NaN);
    for (const { model, predictions } of models) {
      const ours = await runGraph(fromXgboostJson(JSON.stringify(model)), known);
      ours.forEach((value, row) => {
        expect(Math.abs(value - predictions[row])).toBeLessThan(1e-5 * Math.abs(value));
      });
    }
  });
});
